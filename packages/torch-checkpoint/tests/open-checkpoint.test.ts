import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  bytesReader,
  eager,
  isVoxplainError,
  type LazyTensor,
  type RangeReader,
  tensor,
} from "@voxplain/core";
import {
  type CheckpointValue,
  openCheckpoint,
  rootTensor,
  stateDict,
  stateDicts,
} from "@voxplain/torch-checkpoint";
import { describe, expect, it } from "vitest";
import { bytesOf, integer } from "./pickled.ts";

const folder = fileURLToPath(new URL("fixtures/", import.meta.url));
const fixture = (name: string) => new Uint8Array(readFileSync(`${folder}${name}`));

interface Expected {
  readonly dtype: string;
  readonly dims: number[];
  readonly values: (number | string)[];
}
const expected: Record<string, Record<string, Expected>> = JSON.parse(
  readFileSync(`${folder}expected.json`, "utf8"),
);

/** Half-precision bits as numbers, by arithmetic of the test's own. */
function asNumbers(dtype: string, data: ArrayLike<number | bigint>): (number | string)[] {
  return Array.from(data, (value) => {
    if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    if (dtype === "bfloat16") return new Float32Array(Uint32Array.of(value << 16).buffer)[0]!;
    if (dtype !== "float16") return value;
    const exponent = (value >> 10) & 31;
    return (value & 1023) * 2 ** (Math.max(exponent, 1) - 25) + (exponent > 0 ? 2 ** (exponent - 15) : 0);
  });
}

async function expectTensor(tensor: LazyTensor, { dtype, dims, values }: Expected): Promise<void> {
  expect(tensor.dtype).toBe(dtype);
  expect(tensor.dims).toEqual(dims);
  expect(asNumbers(dtype, (await tensor.read()).data)).toEqual(values);
}

const entry = (value: CheckpointValue, ...keys: CheckpointValue[]): CheckpointValue | undefined =>
  keys.reduce<CheckpointValue | undefined>(
    (found, key) => (found instanceof Map ? found.get(key) : undefined),
    value,
  );

describe.each(["zip", "legacy"] as const)("a file of torch.save, %s,", (format) => {
  it.each(["types", "views"])("gives the values that Python sees: %s", async (name) => {
    const checkpoint = await openCheckpoint(fixture(`${name}.${format}.pt`));
    expect(checkpoint.format).toBe(format);
    for (const [key, tensor] of stateDict(checkpoint)) await expectTensor(tensor, expected[name]![key]!);
    expect([...stateDict(checkpoint).keys()]).toEqual(Object.keys(expected[name]!));
  });

  it.each(["checkpoint", "protocol1", "protocol3", "protocol4", "protocol5"])(
    "keeps what a training saves: %s",
    async (name) => {
      const { root } = await openCheckpoint(fixture(`${name}.${format}.pt`));
      expect(entry(root, "epoch")).toBe(12);
      expect(entry(root, "valid_loss")).toBe(0.25);
      expect(entry(root, "valid_acc")).toBe(0.75);
      expect(entry(root, "flag")).toBe(true);
      expect(entry(root, "count")).toBe(3);
      expect(entry(root, "size")).toEqual([3, 2]);
      expect(entry(root, "set")).toEqual([1]);
      expect(entry(root, 5)).toBe("number key");
      expect(entry(root, "nested", "list")).toEqual([1, [2.5, null]]);
      expect(entry(root, "nested", "text")).toBe("äöü");
      expect(entry(root, "nested", "bytes")).toEqual(Uint8Array.of(0, 255));
      expect(entry(root, "nested", "big")).toBe(2n ** 70n);
      expect(entry(root, "half")).toBe(-0.5);
      expect(entry(root, "counter", "a")).toBe(2);
      expect(entry(root, "default", "a")).toEqual([1]);
      expect(entry(root, "frozen")).toEqual([2]);
      expect(entry(root, "empty bytes")).toEqual(new Uint8Array());
      expect(entry(root, "bytearray")).toEqual(Uint8Array.of(97, 98));
      expect(entry(root, "device")).toBe("cpu");
      expect(entry(root, "dtype")).toBe("torch.float16");
      expect(entry(root, "empty array")).toEqual({
        numpy: { dtype: "float64", dims: [0, 2], data: new Float64Array() },
      });
      expect(entry(root, "big-endian array")).toEqual({
        numpy: { dtype: "int32", dims: [3], data: Int32Array.of(0, 1, 2) },
      });
      expect(entry(root, "history")).toMatchObject({ numpy: { dtype: "int16", dims: [2, 3] } });
      // Stored column by column, given row by row.
      expect(entry(root, "fortran")).toEqual({
        numpy: { dtype: "float64", dims: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) },
      });
      await expectTensor(entry(root, "parameter") as LazyTensor, expected.single!.parameter!);
      await expectTensor(entry(root, "attributed") as LazyTensor, expected.single!.attributed!);
      const average = entry(root, "optimizer", "state", 0, "exp_avg") as LazyTensor;
      await expectTensor(average, expected.single!.exp_avg!);
      const [group] = entry(root, "optimizer", "param_groups") as CheckpointValue[];
      expect(entry(group!, "lr")).toBe(1e-4);
      expect(entry(group!, "betas")).toEqual([0.9, 0.999]);
    },
  );

  it("gives the tensors of a state dict in their order", async () => {
    const checkpoint = await openCheckpoint(fixture(`checkpoint.${format}.pt`));
    const tensors = stateDict(checkpoint, "model");
    expect([...tensors.keys()]).toEqual(["weight", "bias", "num_batches_tracked"]);
    await expectTensor(tensors.get("weight")!, expected.checkpoint!.weight!);
    await expectTensor(tensors.get("bias")!, expected.checkpoint!.bias!);
  });

  it("says which entries there are when one is missing", async () => {
    const checkpoint = await openCheckpoint(fixture(`checkpoint.${format}.pt`));
    expect(() => stateDict(checkpoint, "network")).toThrow(
      /no entry "network": found "optimizer", "model", "epoch"/,
    );
    expect(() => stateDict(checkpoint, "nested")).toThrow(
      'the entry "nested" of the checkpoint holds no named tensors: found "list", "text", "bytes", "big"',
    );
    expect(() => rootTensor(checkpoint)).toThrow("it does not hold one tensor: found a dict");
  });

  it("may come from a GPU", async () => {
    await expectTensor(rootTensor(await openCheckpoint(fixture(`cuda.${format}.pt`))), expected.tensor![""]!);
  });

  it("is read from a Blob, and only where it is asked for", async () => {
    const bytes = fixture(`views.${format}.pt`);
    const fromBlob = await openCheckpoint(new Blob([bytes]));
    await expectTensor(stateDict(fromBlob).get("offset")!, expected.views!.offset!);

    let reads = 0;
    const counting: RangeReader = {
      byteLength: bytes.byteLength,
      read: (offset, length) => {
        reads++;
        return bytesReader(bytes).read(offset, length);
      },
    };
    const tensors = stateDict(await openCheckpoint(counting));
    const opened = reads;
    await tensors.get("column")!.read();
    expect(reads).toBe(opened + 1);
  });

  it("gives its bytes in pieces that add up to its values", async () => {
    const tensors = stateDict(await openCheckpoint(fixture(`views.${format}.pt`)));
    for (const tensor of tensors.values()) {
      const pieces: number[] = [];
      for await (const chunk of tensor.chunks()) pieces.push(...chunk);
      const { buffer, byteOffset, byteLength } = (await tensor.read()).data;
      expect(pieces).toEqual([...new Uint8Array(buffer, byteOffset, byteLength)]);
    }
  });
});

it("a file of a big-endian machine is turned around", async () => {
  await expectTensor(rootTensor(await openCheckpoint(fixture("big_endian.zip.pt"))), expected.tensor![""]!);
});

it("an archive with ZIP64 records is read", async () => {
  await expectTensor(rootTensor(await openCheckpoint(fixture("zip64.zip.pt"))), expected.tensor![""]!);
});

describe("nothing is executed:", () => {
  it.each([
    ["system", /posix\.system|nt\.system|os\.system/],
    ["eval", /builtins\.eval/],
    ["getattr", /builtins\.getattr/],
    ["proto", /__proto__\.constructor/],
    ["inst", /os\.system/],
  ])("hostile_%s is refused by name", async (name, message) => {
    const failure = await openCheckpoint(fixture(`hostile_${name}.pt`), { name: "model_best.pth.tar" }).catch(
      (error: unknown) => error,
    );
    expect(isVoxplainError(failure, "unsafe-file")).toBe(true);
    expect(String(failure)).toMatch(message);
    expect(String(failure)).toContain("model_best.pth.tar: ");
    expect(existsSync("/tmp/voxplain-was-here")).toBe(false);
  });

  const bounded = readdirSync(folder).filter((name) => name.startsWith("hostile_"));
  it.each(bounded)("%s ends in an error, soon and in little memory", async (name) => {
    const before = process.memoryUsage().rss;
    const started = process.cpuUsage();
    const failure = await openCheckpoint(fixture(name)).catch((error: unknown) => error);
    expect(isVoxplainError(failure), String(failure)).toBe(true);
    // Processor time, not wall time, so that a busy machine changes little. What is bounded takes
    // a second or two at most; what is not never ends.
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).toBeLessThan(20);
    expect(process.memoryUsage().rss - before).toBeLessThan(500e6);
  });
});

describe("a file of another program is named:", () => {
  const text = (content: string, at = 0) => {
    const bytes = new Uint8Array(512);
    bytes.set(
      Uint8Array.from(content, (letter) => letter.charCodeAt(0)),
      at,
    );
    return bytes;
  };
  it.each([
    ["an empty file", new Uint8Array(), /it is empty/],
    ["a web page", text("<!DOCTYPE html><html>not found</html>"), /not a torch\.save file: found a web page/],
    ["a tar archive", text("ustar", 257), /found a tar archive/],
    ["safetensors", text('{"weight":{}}', 8), /found a safetensors file/],
    ["a pointer of Git LFS", text("version https://git-lfs.github.com/spec/v1"), /git lfs pull/],
    ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0), /compressed with gzip/],
    ["an HDF5 file of Keras", text("\x89HDF\r\n\x1a\n"), /HDF5 file, as Keras/],
    ["a numpy array", text("\x93NUMPY\x01\0"), /found a numpy array/],
    ["a NIfTI", text("n+1\0", 344), /a NIfTI image/],
    ["a DICOM image", text("DICM", 128), /dcm2niix/],
    ["an ONNX network", text("\x08\x07\x12\x07pytorch"), /should end in \.onnx/],
    ["something", Uint8Array.of(1, 2, 3, 4), /it is not a torch\.save file$/],
    ["a compressed zip", fixture("compressed.pt"), /is compressed/],
    ["TorchScript", fixture("torchscript.pt"), /found a TorchScript archive/],
    ["a plain pickle", Uint8Array.of(0x80, 2, 0x4b, 1, 0x2e), /a plain pickle \(pickle\.dump, joblib\)/],
  ])("%s", async (_, bytes, message) => {
    await expect(openCheckpoint(bytes)).rejects.toThrow(message);
  });

  /** An archive of empty records, whose sums are 0. */
  const archiveOf = (...names: readonly string[]) => {
    const local = names.map((name) =>
      bytesOf("PK\x03\x04", integer(0, 22), integer(name.length, 2), integer(0, 2), name),
    );
    let at = 0;
    const central = names.map((name, k) => {
      const header = bytesOf(
        "PK\x01\x02",
        integer(0, 24),
        integer(name.length, 2),
        integer(0, 12),
        integer(at, 4),
        name,
      );
      at += local[k]!.length;
      return header;
    });
    const directory = bytesOf(...central);
    const count = integer(names.length, 2);
    const end = bytesOf(
      "PK\x05\x06",
      integer(0, 4),
      count,
      count,
      integer(directory.length, 4),
      integer(at, 4),
      integer(0, 2),
    );
    return bytesOf(...local, directory, end);
  };
  it.each([
    [
      "torch.export",
      ["net/archive_format", "net/byteorder", "net/models/model.json"],
      /torch\.export\.save, \.pt2/,
    ],
    ["torch.export of before", ["serialized_exported_program.json", "version"], /torch\.export\.save, \.pt2/],
    ["numpy.savez", ["arr_0.npy"], /an \.npz archive of numpy/],
    ["Keras", ["metadata.json", "config.json", "model.weights.h5"], /a Keras archive/],
    ["any zip program", ["scan.nii.gz"], /a zip of other files; unpack it first/],
    ["another one", ["a.txt"], /not a torch\.save file: found a zip archive without data\.pkl/],
  ])("an archive of %s", async (_, names, message) => {
    await expect(openCheckpoint(archiveOf(...names))).rejects.toThrow(message);
  });
});

describe("a file that does not hold one tensor is refused with what it holds and what to do:", () => {
  const one: LazyTensor = { ...eager(tensor("float32", [1, 12, 14, 13], new Float32Array(2184))) };
  it.each<[string, CheckpointValue, string]>([
    [
      "a dict",
      new Map<CheckpointValue, CheckpointValue>([
        ["image", one],
        ["age", 71],
      ]),
      'found a dict: "image" (a float32 tensor of shape [1, 12, 14, 13]), "age" (71); save the tensor alone: torch.save(torch.load(path)["image"], path)',
    ],
    [
      "weights",
      new Map([
        ["a.weight", one],
        ["a.bias", one],
      ]),
      "; these are the weights of a network, not an image",
    ],
    [
      "a list",
      [null, one],
      "found a list of 2: None, a float32 tensor of shape [1, 12, 14, 13]; save one tensor alone: torch.save(torch.load(path)[1], path)",
    ],
    [
      "an array",
      { numpy: tensor("int16", [2], Int16Array.of(1, 2)) },
      "found a numpy array of shape [2]; save it with torch.save(torch.from_numpy(array), path)",
    ],
    ["a text", "hello", 'found the text "hello"'],
    ["nothing", null, "found None"],
    ["an empty dict", new Map(), "found an empty dict"],
  ])("%s", (_, root, message) => {
    expect(() => rootTensor({ format: "zip", root })).toThrow(message);
  });
});

describe("a MetaTensor of MONAI", () => {
  it.each([
    ["most versions of Python", "metatensor.pt"],
    ["Python 3.11, which names members of enumerations by getattr", "metatensor_3.11.pt"],
  ])("is read as the tensor that it is, with any attributes, of %s", async (_, name) => {
    const { data, dims } = await rootTensor(await openCheckpoint(fixture(name))).read();
    expect(dims).toEqual([1, 2, 3]);
    expect(data).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
  });
});

describe("state dicts of a checkpoint", () => {
  const weight: LazyTensor = eager(tensor("float32", [1], Float32Array.of(1)));
  const dict = (name: string) => new Map<CheckpointValue, CheckpointValue>([[name, weight]]);
  const found = (root: CheckpointValue) =>
    stateDicts({ format: "zip", root }).map(({ keys, tensors }) => [keys.join("/"), ...tensors.keys()]);

  it("are found below any key but those of optimizers", () => {
    const root = new Map<CheckpointValue, CheckpointValue>([
      ["loss", weight],
      ["model", dict("a")],
      ["ema", new Map([["state_dict", dict("b")]])],
      ["optimizer", dict("exp_avg")],
      ["lr_schedulers", dict("c")],
    ]);
    expect(found(root)).toEqual([
      ["", "loss"],
      ["model", "a"],
      ["ema/state_dict", "b"],
    ]);
  });

  it("that are saved twice count once", () => {
    const same = dict("a");
    expect(
      found(
        new Map([
          ["model", same],
          ["state_dict", same],
        ]),
      ),
    ).toEqual([["model", "a"]]);
  });
});
