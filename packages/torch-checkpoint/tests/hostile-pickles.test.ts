import { isVoxplainError } from "@voxplain/core";
import { isTensor, openCheckpoint, rootTensor, stateDict } from "@voxplain/torch-checkpoint";
import { describe, expect, it } from "vitest";
import {
  bytesOf,
  integer,
  laughs,
  legacyFile,
  long,
  magic,
  nested,
  repeat,
  storage,
  tensor,
  text,
} from "./pickled.ts";

const million = 2 ** 20;
const key = text("0");
const keysAndStorage = (count: number, bytes: number) =>
  bytesOf("\x80\x02]", key, "a.", integer(count, 8), new Uint8Array(bytes));

/** Pickles that are small to write and would take all time, stack or memory of a reader without limits. */
const greedy: readonly (readonly [string, Uint8Array])[] = [
  ["a device made of 2⁶⁰ values", legacyFile(bytesOf("ctorch\ndevice\n", laughs(60), "\x85R"))],
  ["a device made of lists 20000 deep", legacyFile(bytesOf("ctorch\ndevice\n", nested(20000), "\x85R"))],
  ["a storage whose key is 2⁶⁰ values", legacyFile(storage("FloatStorage", laughs(60), 1))],
  ["a storage whose key is lists 20000 deep", legacyFile(storage("FloatStorage", nested(20000), 1))],
  [
    "keys of storages that are lists 20000 deep",
    legacyFile(bytesOf("N"), bytesOf("\x80\x02]", nested(20000), "a.")),
  ],
  ["a protocol that is lists 20000 deep", bytesOf(magic, nested(20000), ".")],
  [
    "an element type named by lists 20000 deep",
    legacyFile(bytesOf("cnumpy\ndtype\n", nested(20000), "\x85R")),
  ],
  [
    "rebuilding of rebuilding, 20000 deep",
    legacyFile(
      bytesOf(
        repeat("ctorch._tensor\n_rebuild_from_type_v2\nN", 20000),
        ")",
        "N(ctorch\nTensor\nN",
        "t",
        repeat("\x87", 20000),
      ),
    ),
  ],
  [
    "a megabyte encoded ten thousand times",
    legacyFile(
      bytesOf(
        text("a".repeat(million)),
        "q\x00",
        repeat(bytesOf("0c_codecs\nencode\nh\x00", text("latin1"), "\x86R"), 10000),
      ),
    ),
  ],
  [
    "a numpy array filled with a megabyte ten thousand times",
    legacyFile(
      bytesOf(
        "(K\x01",
        long(million),
        "\x85cnumpy\ndtype\n",
        text("u1"),
        "\x85R\x89B",
        integer(million, 4),
        new Uint8Array(million),
        "tq\x00cnumpy.core.multiarray\n_reconstruct\n)R",
        repeat("h\x00b", 10000),
      ),
    ),
  ],
  ["lists 20000 deep", legacyFile(nested(20000))],
  ["tuples 20000 deep", legacyFile(bytesOf(")", repeat("\x85", 20000)))],
  [
    "a list that is copied two thousand times, twenty thousand values each",
    legacyFile(
      bytesOf("](", repeat("K\x01", 20000), "eq\x00", repeat("ctorch\nSize\nh\x00\x85R0", 2000), "N"),
    ),
  ],
  ["two million empty dicts", legacyFile(repeat("}", 2 * million))],
  ["two million empty byte strings", legacyFile(repeat("C\x00", 2 * million))],
  [
    "values remembered under far numbers",
    legacyFile(
      bytesOf(
        "N",
        ...[1, 3, 7, 2, 5].map((step) => bytesOf("r", integer(2 ** 32 - step, 4))),
        repeat("\x94", million),
        "h\x00",
      ),
    ),
  ],
  ["a value remembered five million times", legacyFile(bytesOf("N", repeat("\x94", 5 * million)))],
  [
    "a tensor with axes beyond all numbers, and none",
    legacyFile(
      tensor(storage("FloatStorage", key, 0), [...Array(30).fill(2 ** 52), 0], Array(31).fill(0)),
      keysAndStorage(0, 0),
    ),
  ],
];

describe("ends in words, soon and in little memory:", () => {
  it.each(greedy)("%s", async (_, file) => {
    const before = process.memoryUsage().rss;
    const started = process.cpuUsage();
    const failure = await openCheckpoint(file)
      .then((checkpoint) => rootTensor(checkpoint).read())
      .catch((error: unknown) => error);
    expect(isVoxplainError(failure), String(failure)).toBe(true);
    // Processor time, not wall time, so that a busy machine changes little. What is bounded takes
    // a second or two at most; what is not never ends.
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).toBeLessThan(20);
    expect(process.memoryUsage().rss - before).toBeLessThan(700e6);
  });

  it("a key of 2⁶⁰ values, when another key is missing", async () => {
    const checkpoint = await openCheckpoint(legacyFile(bytesOf("}", laughs(60), "Ns")));
    expect(() => stateDict(checkpoint, "model")).toThrow(/no entry "model"/);
  });
});

describe("a tensor that repeats one value", () => {
  const repeated = (dims: readonly number[]) =>
    legacyFile(
      tensor(
        storage("DoubleStorage", key, 1),
        dims,
        dims.map(() => 0),
      ),
      keysAndStorage(1, 8),
    );

  it.each([[[2 ** 40]], [[2 ** 31]], [[2 ** 16, 2 ** 14]]])(
    "%j times may be there, but is not read",
    async (dims) => {
      const { root } = await openCheckpoint(repeated(dims));
      if (!isTensor(root)) throw new Error("no tensor");
      expect(root.dims).toEqual(dims);
      await expect(root.read()).rejects.toThrow(/larger than/);
      await expect(root.chunks()[Symbol.asyncIterator]().next()).rejects.toThrow(/larger than/);
    },
  );

  it("a thousand times is read", async () => {
    const values = await rootTensor(await openCheckpoint(repeated([10, 100]))).read();
    expect(values.data).toEqual(new Float64Array(1000));
  });
});

describe("what a pickle wants to call is named, whatever opcode it uses:", () => {
  it.each([
    ["GLOBAL and REDUCE", bytesOf("cos\nsystem\n", text("true"), "\x85R")],
    ["STACK_GLOBAL", bytesOf(text("os"), text("system"), "\x93", text("true"), "\x85R")],
    ["INST", bytesOf("(", text("true"), "ios\nsystem\n")],
    ["OBJ", bytesOf("(cos\nsystem\n", text("true"), "o")],
    ["NEWOBJ", bytesOf("cos\nsystem\n", text("true"), "\x85\x81")],
    ["NEWOBJ_EX", bytesOf("cos\nsystem\n", text("true"), "\x85}\x92")],
  ])("%s", async (_, pickle) => {
    const failure = await openCheckpoint(legacyFile(pickle)).catch((error: unknown) => error);
    expect(isVoxplainError(failure, "unsafe-file")).toBe(true);
    expect(String(failure)).toContain("os.system");
  });
});
