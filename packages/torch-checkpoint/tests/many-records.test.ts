// An archive of very many small records, which has a read for each of them only where its reader is careless.
import { bytesReader, type RangeReader } from "@voxplain/core";
import { isTensor, openCheckpoint } from "@voxplain/torch-checkpoint";
import { expect, it } from "vitest";
import { bytesOf, integer, storage, tensor, text } from "./pickled.ts";

/** A dict of one tensor, and `count` records in all, most of them empty. */
function archiveOf(count: number): Uint8Array {
  const pickle = bytesOf(
    ...["\x80\x02}", text("w"), tensor(storage("FloatStorage", text("00000"), 1), [1], [1]), "s."],
  );
  const headers = (content: Uint8Array, name: string) => {
    const size = integer(content.length, 4);
    const common = bytesOf(integer(20, 2), new Uint8Array(12), size, size, integer(name.length, 2));
    return {
      content,
      own: bytesOf("PK\x03\x04", common, integer(0, 2)),
      listed: bytesOf("PK\x01\x02", integer(20, 2), common, new Uint8Array(12)),
    };
  };
  const nameOf = (k: number) => (k === 0 ? "x/data.pkl" : `x/data/${String(k - 1).padStart(5, "0")}`);
  const kinds = [pickle, new Uint8Array(4), new Uint8Array()].map((content, k) =>
    headers(content, nameOf(k)),
  );
  const records: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (let k = 0; k < count; k++) {
    const { own, listed, content } = kinds[Math.min(k, 2)]!;
    directory.push(bytesOf(listed, integer(at, 4), nameOf(k)));
    records.push(bytesOf(own, nameOf(k), content));
    at += records[k]!.length;
  }
  const listed = bytesOf(...directory);
  const end = bytesOf(
    ...["PK\x06\x06", integer(44, 8), integer(20, 2), integer(20, 2), integer(0, 8)],
    ...[integer(count, 8), integer(count, 8), integer(listed.length, 8), integer(at, 8)],
    ...["PK\x06\x07", integer(0, 4), integer(at + listed.length, 8), integer(1, 4)],
    ...["PK\x05\x06", integer(0, 4), integer(0xffffffff, 4), integer(0xffffffff, 4), integer(0xffffffff, 4)],
    integer(0, 2),
  );
  return bytesOf(...records, listed, end);
}

function counted(bytes: Uint8Array): RangeReader & { readonly reads: () => number } {
  const reader = bytesReader(bytes);
  let reads = 0;
  return {
    ...reader,
    reads: () => reads,
    read(offset, length) {
      reads++;
      return reader.read(offset, length);
    },
  };
}

it("records that are close to each other are opened with few reads", async () => {
  const reader = counted(archiveOf(5000));
  const { root } = await openCheckpoint(reader);
  const value = root instanceof Map ? root.get("w") : undefined;
  if (!isTensor(value)) throw new Error("no tensor");
  expect((await value.read()).data).toEqual(Float32Array.of(0));
  expect(reader.reads()).toBeLessThan(12);
});

it("an archive of tens of thousands of records more than a checkpoint has is refused, without opening them", async () => {
  const reader = counted(archiveOf(66_000));
  await expect(openCheckpoint(reader, { name: "model.pth.tar" })).rejects.toThrow(
    "model.pth.tar: it is damaged: its directory has 66000 entries, and may have 50000",
  );
  expect(reader.reads()).toBeLessThan(5);
});
