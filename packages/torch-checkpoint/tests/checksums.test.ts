import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bytesReader, isVoxplainError, type LazyTensor, type RangeReader } from "@voxplain/core";
import { openCheckpoint, rootTensor, stateDict } from "@voxplain/torch-checkpoint";
import { describe, expect, it } from "vitest";

const fixture = (name: string) =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))));

const withFlippedBit = (bytes: Uint8Array, bit: number) => {
  const flipped = new Uint8Array(bytes);
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
};

/** The bits of a file that can be flipped without a refusal; fails where that changes a value. */
async function unnoticedBits(name: string): Promise<number[]> {
  const good = fixture(name);
  const { data } = await rootTensor(await openCheckpoint(good)).read();
  const unnoticed: number[] = [];
  for (let bit = 0; bit < good.length * 8; bit++) {
    try {
      const tensor = rootTensor(await openCheckpoint(withFlippedBit(good, bit)));
      expect((await tensor.read()).data, `bit ${bit}`).toEqual(data);
      unnoticed.push(bit);
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
    }
  }
  return unnoticed;
}

describe("one flipped bit", () => {
  it("of a file that PyTorch wrote is refused, wherever it is but for the versions in the directory's end", async () => {
    const unnoticed = await unnoticedBits("tensor.zip.pt");
    const bytes = fixture("tensor.zip.pt");
    const end = Buffer.from(bytes).indexOf("PK\x06\x06", 0, "latin1");
    // Two bytes each: the version of the zip format that wrote the record, and the one that reads it.
    const versions = unnoticed.filter((bit) => bit >> 3 >= end + 12 && bit >> 3 < end + 16);
    expect(versions).toHaveLength(32);
    // A length that may be 0 in front of a record and is the right one behind it: the flip makes it right.
    expect(unnoticed.length - versions.length).toBeLessThanOrEqual(6);
  });

  it("of a file that another zip program wrote changes no value", async () => {
    const unnoticed = await unnoticedBits("zip64.zip.pt");
    expect(unnoticed.length).toBeLessThan(8 * fixture("zip64.zip.pt").length);
  });
});

describe("a record that is longer than what is read with the directory", () => {
  const good = fixture("record.zip.pt");
  const at = Buffer.from(good).indexOf(Buffer.from(Float32Array.of(2000, 2001).buffer));
  const damaged = withFlippedBit(good, 8 * at);
  const tensorsOf = async (file: Uint8Array | RangeReader) =>
    stateDict(await openCheckpoint(file, { name: "image.pt" }));
  const message =
    'image.pt: it is damaged: its record "record.zip/data/0" does not match its checksum (CRC-32)';
  const pieces = async ({ chunks }: LazyTensor) => {
    let length = 0;
    for await (const chunk of chunks()) length += chunk.length;
    return length;
  };

  it.each(["whole", "start", "column"])("is verified when a tensor of it is read: %s", async (name) => {
    expect((await (await tensorsOf(good)).get(name)!.read()).data.length).toBeGreaterThan(0);
    await expect((await tensorsOf(damaged)).get(name)!.read()).rejects.toThrow(message);
  });

  it.each(["whole", "start", "column"])("is verified when its bytes are streamed: %s", async (name) => {
    expect(await pieces((await tensorsOf(good)).get(name)!)).toBeGreaterThan(0);
    await expect(pieces((await tensorsOf(damaged)).get(name)!)).rejects.toThrow(message);
  });

  it("is verified once, however many parts of it are read", async () => {
    let bytesRead = 0;
    const counting: RangeReader = {
      byteLength: good.length,
      read(offset, length) {
        bytesRead += length;
        return bytesReader(good).read(offset, length);
      },
    };
    const tensors = await tensorsOf(counting);
    bytesRead = 0;
    await Promise.all([tensors.get("start")!.read(), tensors.get("start")!.read()]);
    await tensors.get("start")!.read();
    expect(bytesRead).toBeLessThan(12_000 + 24 + 3 * 40 + 1);
  });
});

describe("a file without checksums (torch.serialization.set_crc32_options(False))", () => {
  /** Every CRC-32 in a copy of the file is 0, as PyTorch writes it then. */
  const withoutChecksums = (name: string) => {
    const bytes = Buffer.from(fixture(name));
    for (const [signature, place] of [
      ["PK\x07\x08", 4],
      ["PK\x01\x02", 16],
    ] as const) {
      for (
        let at = bytes.indexOf(signature, 0, "latin1");
        at >= 0;
        at = bytes.indexOf(signature, at + 1, "latin1")
      )
        bytes.writeUInt32LE(0, at + place);
    }
    return new Uint8Array(bytes);
  };

  it("is read as PyTorch reads it", async () => {
    const tensors = stateDict(await openCheckpoint(withoutChecksums("record.zip.pt")));
    expect((await tensors.get("start")!.read()).data).toEqual(Float32Array.from({ length: 10 }, (_, k) => k));
    expect((await tensors.get("whole")!.read()).data).toHaveLength(3000);
  });

  it("is refused where one of them is missing and others are there", async () => {
    const bytes = Buffer.from(fixture("tensor.zip.pt"));
    const last = bytes.lastIndexOf("PK\x01\x02", undefined, "latin1");
    bytes.writeUInt32LE(0, last + 16);
    await expect(openCheckpoint(new Uint8Array(bytes))).rejects.toThrow(/is damaged/);
  });
});
