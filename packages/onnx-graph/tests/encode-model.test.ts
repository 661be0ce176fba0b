import { readFileSync } from "node:fs";
import { bytesReader, eager, type ModelArtifact, type Tensor, tensor, toBytes } from "@voxplain/core";
import {
  decodeModel,
  encodeModel,
  externalDataFiles,
  graphBuilder,
  type Initializer,
  type Model,
  modelOf,
  readInitializer,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

const read = (name: string) => new Uint8Array(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));

async function contentOf(artifact: ModelArtifact): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (const file of artifact.externalData) for await (const piece of file.chunks()) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

/** Identity of each weight, so that it is used. */
function modelWith(weights: Readonly<Record<string, Initializer>>): Model {
  const builder = graphBuilder("weights");
  for (const [name, value] of Object.entries(weights)) {
    builder.initializer(name, value);
    builder.output(builder.add("Identity", [name]), value.dtype, value.dims);
  }
  return modelOf(builder.build());
}

const ramp = (length: number): Tensor =>
  tensor(
    "float32",
    [length],
    Float32Array.from({ length }, (_, k) => k / 2),
  );

describe("a model written in one piece", () => {
  it.each(["attributes.onnx", "export-2d.onnx", "export-3d.onnx"])(
    "%s comes back as it was",
    async (name) => {
      const model = decodeModel(read(name));
      const { proto, externalData } = await encodeModel(model, { externalData: "inline" });
      expect(externalData).toEqual([]);
      expect(decodeModel(proto)).toEqual(model);
    },
  );

  it("is byte for byte what ONNX's Python package writes", async () => {
    const bytes = read("attributes.onnx");
    const { proto } = await encodeModel(decodeModel(bytes), { externalData: "inline" });
    expect(Buffer.from(proto).equals(Buffer.from(bytes))).toBe(true);
  });

  it("is of IR 4 at least, which does not want weights among the inputs", async () => {
    const model = decodeModel(read("old-ir.onnx"));
    expect(model.irVersion).toBe(3);
    expect(decodeModel((await encodeModel(model)).proto)).toEqual({ ...model, irVersion: 4 });
  });

  it("keeps every element type", async () => {
    const { initializers } = decodeModel(read("tensor-encodings.onnx")).graph;
    const { proto } = await encodeModel(modelWith(Object.fromEntries(initializers)), {
      externalData: "inline",
    });
    expect(decodeModel(proto).graph.initializers).toEqual(initializers);
  });

  it("keeps the largest and smallest integers of attributes, which stand for the ends of an axis", async () => {
    const builder = graphBuilder("ends");
    const x = builder.input("x", "float32", [4]);
    const ends = { ints: [Number(2n ** 63n - 1n), Number(-(2n ** 63n))] };
    builder.output(builder.add("Slice", [x], { ends }, { outputs: ["y"] }), "float32", [4]);
    // Since operator set 10 they are inputs.
    const { proto } = await encodeModel(modelOf(builder.build(), { opsets: { "": 9 } }));
    expect(decodeModel(proto).graph.nodes[0]?.attributes.ends).toEqual(ends);
    const text = Buffer.from(proto).toString("hex");
    expect(text).toContain("40ffffffffffffffff7f40"); // 2⁶³ − 1, not −2⁶³
  });
});

describe("a model written with its weights beside it", () => {
  it("keeps small tensors in the protobuf, where a runtime can see shapes", async () => {
    const model = modelWith({
      shape: tensor("int64", [2], BigInt64Array.of(3n, 4n)),
      small: ramp(255),
      large: ramp(256),
    });
    const { proto, externalData } = await encodeModel(model);
    expect(externalData.map(({ location, byteLength }) => [location, byteLength])).toEqual([
      ["weights.bin", 1024],
    ]);
    const { initializers } = decodeModel(proto).graph;
    expect([...initializers].map(([name, value]) => [name, "data" in value])).toEqual([
      ["shape", true],
      ["small", true],
      ["large", false],
    ]);
  });

  it("takes the location and threshold that are asked for", async () => {
    const externalData = { location: "net.bin", threshold: 8 };
    const artifact = await encodeModel(modelWith({ a: ramp(1), b: ramp(2) }), { externalData });
    expect(artifact.externalData.map(({ location, byteLength }) => [location, byteLength])).toEqual([
      ["net.bin", 8],
    ]);
    expect([...externalDataFiles(artifact.proto)]).toEqual(["net.bin"]);
    await expect(
      encodeModel(modelWith({}), { externalData: { location: "../net.bin" } }),
    ).rejects.toMatchObject({
      code: "unsafe-file",
    });
  });

  it("lays weights on 64 bytes, large ones on pages, and reads them back", async () => {
    const weights = {
      first: ramp(257),
      second: ramp(300),
      page: ramp(2 ** 18),
      lazy: eager(ramp(2 ** 18 + 1)),
    };
    const artifact = await encodeModel(modelWith(weights));
    const content = await contentOf(artifact);
    expect(content.byteLength).toBe(artifact.externalData[0]?.byteLength);
    // 257·4 = 1028 → 1088; + 1200 = 2288 → 4096; + 2²⁰ → the next page.
    const text = new TextDecoder("latin1").decode(artifact.proto);
    const offsets = [...text.matchAll(/offset..(\d+)/gs)].map(([, offset]) => Number(offset));
    expect(offsets).toEqual([0, 1088, 4096, 4096 + 2 ** 20]);
    const { initializers } = decodeModel(artifact.proto, { externalData: () => bytesReader(content) }).graph;
    for (const [name, value] of Object.entries(weights)) {
      const found = await readInitializer(initializers.get(name)!);
      expect(found).toMatchObject({ dtype: "float32", dims: value.dims });
      expect(Buffer.from(toBytes(found)).equals(toBytes(await readInitializer(value)))).toBe(true);
    }
  });

  it("reads lazy weights only while the file is written, and again each time", async () => {
    let reads = 0;
    const lazy: Initializer = {
      dtype: "float32",
      dims: [512],
      read: async () => ramp(512),
      async *chunks() {
        reads++;
        yield new Uint8Array(1000);
        yield new Uint8Array(1048);
      },
    };
    const artifact = await encodeModel(modelWith({ lazy }));
    expect(reads).toBe(0);
    expect((await contentOf(artifact)).byteLength).toBe(2048);
    expect((await contentOf(artifact)).byteLength).toBe(2048);
    expect(reads).toBe(2);
  });

  it.each([
    [2047, "2047"],
    [2049, "more"],
  ])("rejects a lazy weight of 2048 bytes that gives %i", async (byteLength, found) => {
    const lazy: Initializer = {
      dtype: "float32",
      dims: [512],
      read: async () => ramp(512),
      async *chunks() {
        yield new Uint8Array(byteLength);
      },
    };
    await expect(contentOf(await encodeModel(modelWith({ lazy })))).rejects.toMatchObject({
      code: "invalid-file",
      expected: "2048 bytes",
      found,
    });
  });

  it("refuses more than 2 GB in one piece before reading any of it", async () => {
    const huge: Initializer = {
      dtype: "float32",
      dims: [2 ** 29],
      read: () => Promise.reject(new Error("read")),
      async *chunks() {
        yield new Uint8Array();
      },
    };
    await expect(encodeModel(modelWith({ huge }), { externalData: "inline" })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("2 GB"),
    });
  });
});

describe("weights that are in a file of this machine", () => {
  /** A weight as a reader of checkpoints gives it. */
  const lazy = (length: number, offset: number, realPath = async () => "/models/best/network.pth") => ({
    ...eager(ramp(length)),
    stored: { realPath, offset },
  });
  const refersTo = (artifact: ModelArtifact) =>
    [...decodeModel(artifact.proto).graph.initializers]
      .filter(([, value]) => !("data" in value))
      .map(([name]) => name);

  it("stay there, and the others go into the protobuf", async () => {
    const other = async () => "/models/other.pth";
    const weights = {
      large: lazy(600, 128),
      second: lazy(400, 4096),
      small: lazy(9, 64),
      else: lazy(500, 0, other),
    };
    const artifact = await encodeModel(modelWith({ ...weights, memory: ramp(300) }), { stored: true });
    expect(artifact.externalData).toEqual([]);
    expect(artifact.stored?.path).toBe("/models/best/network.pth");
    expect(refersTo(artifact)).toEqual(["large", "second"]);
    expect(Buffer.from(artifact.proto).includes("network.pth")).toBe(true);
    expect(Buffer.from(artifact.proto).includes("models")).toBe(false);
  });

  it("are written unless the caller asks to leave them, where the runtime cannot map them well, and beside many others", async () => {
    const wherever = async (weights: Parameters<typeof modelWith>[0], stored: boolean) => {
      const artifact = await encodeModel(modelWith(weights), { stored });
      return artifact.stored === undefined ? artifact.externalData[0]?.byteLength : "in place";
    };
    expect(await wherever({ a: lazy(600, 128) }, false)).toBe(2400);
    expect(await wherever({ a: lazy(600, 100) }, true)).toBe(2400);
    expect(await wherever({ a: ramp(600) }, true)).toBe(2400);
    expect(await wherever({ a: lazy(600, 0), b: ramp(2 ** 23 + 1) }, true)).toBeGreaterThan(2 ** 25);
  });

  it("are read through by the check, in the order of the file", async () => {
    const read: string[] = [];
    const noting = (name: string, offset: number): Initializer => ({
      ...lazy(600, offset),
      async *chunks() {
        read.push(name);
        yield new Uint8Array(2400);
      },
    });
    const artifact = await encodeModel(modelWith({ b: noting("b", 4096), a: noting("a", 64) }), {
      stored: true,
    });
    expect(read).toEqual([]);
    await artifact.stored?.check();
    expect(read).toEqual(["a", "b"]);
    await expect(artifact.stored?.check(AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  });
});
