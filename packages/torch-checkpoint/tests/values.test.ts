import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openCheckpoint, rootTensor } from "@voxplain/torch-checkpoint";
import { describe, expect, it } from "vitest";
import { bytesOf, integer, legacyFile, long, storage, tensor, text } from "./pickled.ts";

const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)));

const scalar = (type: string, bytes: Uint8Array) =>
  legacyFile(
    bytesOf(
      "cnumpy._core.multiarray\nscalar\ncnumpy\ndtype\n",
      text(type),
      "\x85RC",
      bytes.length,
      bytes,
      "\x86R",
    ),
  );

describe("a numpy scalar comes out as a number:", () => {
  // The bits of IEEE 754 half precision: 0.5, -2, the smallest subnormal, the largest value, infinity.
  it.each([
    ["f2", [0x00, 0x38], 0.5],
    ["f2", [0x00, 0xc0], -2],
    ["f2", [0x01, 0x00], 2 ** -24],
    ["f2", [0xff, 0x7b], 65504],
    ["f2", [0x00, 0xfc], -Infinity],
    ["f2", [0x00, 0x7e], Number.NaN],
    [">f4", [0x3f, 0x40, 0, 0], 0.75],
    ["i1", [0xff], -1],
    ["u8", [0, 0, 0, 0, 0, 0, 0, 0x80], 2n ** 63n],
    ["b1", [1], true],
  ])("%s", async (type, bytes, value) => {
    const { root } = await openCheckpoint(scalar(type, Uint8Array.from(bytes)));
    expect(root).toEqual(value);
  });
});

it("tensors of the unsigned types of torch 2.3 are read from their untyped storage", async () => {
  const pickle = bytesOf(
    "ctorch._utils\n_rebuild_tensor_v3\n(",
    storage("UntypedStorage", text("0"), 6),
    "K\x01K\x02\x85K\x01\x85\x89Nctorch\nuint16\ntR",
  );
  const rest = bytesOf(
    "\x80\x02]",
    text("0"),
    "a.",
    integer(6, 8),
    integer(7, 2),
    integer(65535, 2),
    integer(9, 2),
  );
  const read = await rootTensor(await openCheckpoint(legacyFile(pickle, rest))).read();
  expect(read).toEqual({ dtype: "uint16", dims: [2], data: Uint16Array.of(65535, 9) });
});

it("a tensor with a pending sign change is refused, not read with the wrong sign", async () => {
  const plain = tensor(storage("FloatStorage", text("0"), 1), [1], [1]);
  const negative = bytesOf(plain.subarray(0, -2), "}", text("neg"), "\x88stR");
  const rest = bytesOf("\x80\x02]", text("0"), "a.", integer(1, 8), new Uint8Array(4));
  await expect(openCheckpoint(legacyFile(negative, rest))).rejects.toThrow(/neg/);
});

it("a big-endian file in a Node Buffer stays as it is, however often it is read", async () => {
  const file = fixture("big_endian.zip.pt");
  const before = Uint8Array.from(file);
  const tensor = rootTensor(await openCheckpoint(file));
  const first = (await tensor.read()).data;
  expect((await tensor.read()).data).toEqual(first);
  expect(Uint8Array.from(file)).toEqual(before);
});

it("a legacy file of a big-endian machine holds its elements little-endian all the same", async () => {
  // torch/csrc/serialization.cpp turns every element; before torch 1.6 not the count in front of them.
  const little = fixture("tensor.legacy.pt");
  const flag = little.indexOf("little_endian");
  const big = Uint8Array.from(little);
  const truth = big.indexOf(0x88, flag);
  big[truth] = 0x89;
  const values = (await rootTensor(await openCheckpoint(little)).read()).data;
  expect((await rootTensor(await openCheckpoint(big)).read()).data).toEqual(values);

  const count = big.length - values.byteLength - 8;
  big.subarray(count, count + 8).reverse();
  expect((await rootTensor(await openCheckpoint(big)).read()).data).toEqual(values);
});

it("a text keeps what looks like a byte order mark", async () => {
  const { root } = await openCheckpoint(legacyFile(text("\ufeffweight")));
  expect(root).toBe("\ufeffweight");
});

it("an integer is a bigint only where a number would not hold it", async () => {
  expect((await openCheckpoint(legacyFile(long(2 ** 40)))).root).toBe(2 ** 40);
  expect((await openCheckpoint(legacyFile(long(-(2n ** 62n) - 1n)))).root).toBe(-(2n ** 62n) - 1n);
});

it("classes of Python are read by the names that pickle protocol 2, torch's own, gives them", async () => {
  // Python 3 writes its int and str under the names that they had in Python 2.
  const pickle = bytesOf(
    "]c__builtin__\nlong\nac__builtin__\nunicode\na",
    "ccollections\ndefaultdict\nc__builtin__\nlong\n\x85R",
    text("steps"),
    "K\x05sa",
  );
  const { root } = await openCheckpoint(legacyFile(pickle));
  expect(root).toEqual(["builtins.int", "builtins.str", new Map([["steps", 5]])]);
});
