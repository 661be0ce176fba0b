import { checkRange, type RangeReader } from "@voxplain/core";
import { isTensor, openCheckpoint } from "@voxplain/torch-checkpoint";
import { expect, it } from "vitest";
import { bytesOf, integer, legacyFile, storage, tensor, text } from "./pickled.ts";

/** Bytes of the beginning and the end of a file with nothing but zeros in between: gigabytes without a disk. */
function sparse(parts: readonly { offset: number; bytes: Uint8Array }[]): RangeReader {
  const last = parts[parts.length - 1]!;
  const byteLength = last.offset + last.bytes.length;
  return {
    byteLength,
    async read(offset, length) {
      checkRange(offset, length, byteLength);
      const result = new Uint8Array(length);
      for (const part of parts) {
        const from = Math.max(offset, part.offset);
        const to = Math.min(offset + length, part.offset + part.bytes.length);
        if (from < to) result.set(part.bytes.subarray(from - part.offset, to - part.offset), from - offset);
      }
      return result;
    },
  };
}

const elements = 1.25 * 2 ** 30;
const large = elements * 4;
const value = bytesOf(
  "}(",
  ...[text("large"), tensor(storage("FloatStorage", text("0"), elements), [elements], [1])],
  ...[text("small"), tensor(storage("FloatStorage", text("1"), 3), [3], [1])],
  "u",
);
const floats = new Uint8Array(Float32Array.of(1.5, -2, 0.25).buffer);

/** An archive of entries that start behind 4 GB or are longer, as APPNOTE 4.5.3 wants it. */
function wideArchive(): RangeReader {
  const entries = [
    { name: "x/data.pkl", bytes: bytesOf("\x80\x02", value, "."), length: 0 },
    { name: "x/data/0", bytes: new Uint8Array(), length: large },
    { name: "x/data/1", bytes: floats, length: 0 },
  ];
  const parts: { offset: number; bytes: Uint8Array }[] = [];
  const central: Uint8Array[] = [];
  const unknown = integer(0xffffffff, 4);
  let at = 0;
  for (const { name, bytes, length } of entries) {
    const size = length || bytes.length;
    const header = bytesOf(
      "PK\x03\x04",
      integer(45, 2),
      integer(0, 12),
      unknown,
      unknown,
      integer(name.length, 2),
      integer(20, 2),
      name,
    );
    const sizes = bytesOf(integer(1, 2), integer(16, 2), integer(size, 8), integer(size, 8));
    central.push(
      bytesOf(
        ...["PK\x01\x02", integer(45, 2), integer(45, 2), integer(0, 12), unknown, unknown],
        ...[integer(name.length, 2), integer(28, 2), integer(0, 10), unknown, name],
        ...[integer(1, 2), integer(24, 2), integer(size, 8), integer(size, 8), integer(at, 8)],
      ),
    );
    parts.push({ offset: at, bytes: bytesOf(header, sizes, bytes) });
    at += header.length + sizes.length + size;
  }
  const directory = bytesOf(...central);
  const end64 = bytesOf(
    ...["PK\x06\x06", integer(44, 8), integer(45, 2), integer(45, 2), integer(0, 8)],
    ...[integer(3, 8), integer(3, 8), integer(directory.length, 8), integer(at, 8)],
  );
  const locator = bytesOf("PK\x06\x07", integer(0, 4), integer(at + directory.length, 8), integer(1, 4));
  const end = bytesOf(
    "PK\x05\x06",
    integer(0, 4),
    integer(0xffff, 2),
    integer(0xffff, 2),
    unknown,
    unknown,
    integer(0, 2),
  );
  return sparse([...parts, { offset: at, bytes: bytesOf(directory, end64, locator, end) }]);
}

function wideStream(): RangeReader {
  const start = legacyFile(value, bytesOf("\x80\x02](", text("0"), text("1"), "e.", integer(elements, 8)));
  return sparse([
    { offset: 0, bytes: start },
    { offset: start.length + large, bytes: bytesOf(integer(3, 8), floats) },
  ]);
}

it.each([
  ["zip archive", wideArchive()],
  ["legacy stream", wideStream()],
])("a %s of more than 4 GB is read piece by piece", async (_, file) => {
  const { root } = await openCheckpoint(file);
  if (!(root instanceof Map)) throw new Error("no dict");
  const small = root.get("small");
  const huge = root.get("large");
  if (!isTensor(small) || !isTensor(huge)) throw new Error("no tensors");
  expect((await small.read()).data).toEqual(Float32Array.of(1.5, -2, 0.25));

  await expect(huge.read()).rejects.toThrow(/larger than what can be read at once/);
  const first = await huge.chunks()[Symbol.asyncIterator]().next();
  expect((first.value as Uint8Array).byteLength).toBe(2 ** 22);
});
