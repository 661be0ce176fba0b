import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { readAffine, readImageFile, readNifti } from "@voxplain/caps-io";
import { type Affine, bytesReader, type FileSource, isVoxplainError } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { describe, expect, it } from "vitest";
import { niftiOf } from "./nifti-of.ts";

const folder = fileURLToPath(new URL("fixtures/", import.meta.url));
const fixture = (name: string) => new Uint8Array(readFileSync(`${folder}${name}`));
const frozen = JSON.parse(readFileSync(`${folder}expected.json`, "utf8"));
const expected: Record<string, { shape: number[]; affine: number[][]; data: number[] }> = frozen.nifti;

function expectAffine(affine: Affine | undefined, reference: number[][]): void {
  if (affine === undefined) throw new Error("there is no affine");
  expect(reference).toHaveLength(4);
  for (const [r, row] of reference.entries()) {
    expect(affine[r]).toHaveLength(4);
    // Both compute in float64 from the float32 of the header.
    for (const [c, value] of row.entries()) expect(affine[r]?.[c]).toBeCloseTo(value, 12);
  }
}

describe.each(Object.keys(expected))("%s", (name) => {
  it("has the values, the shape and the affine that nibabel gives", async () => {
    const { data, shape, affine } = await readNifti(fixture(name), name);
    expect(shape).toEqual(expected[name]!.shape);
    expect(Array.from(data)).toEqual(expected[name]!.data);
    expectAffine(affine, expected[name]!.affine);
  });

  it("gives its affine without being read whole", async () => {
    const { shape, affine } = await readAffine(directory(folder), name);
    expect(shape).toEqual(expected[name]!.shape);
    expectAffine(affine, expected[name]!.affine);
  });
});

it("axes longer than a tile are turned as nibabel turns them", async () => {
  const { data, shape } = await readNifti(fixture("wide.nii.gz"), "wide.nii.gz");
  expect(shape).toEqual(frozen.wide.shape);
  expect(createHash("sha256").update(data).digest("hex")).toBe(frozen.wide.sha256);
});

it("what follows the image is passed over", async () => {
  const whole = new Uint8Array(gunzipSync(fixture("int16.nii.gz")));
  const longer = gzipSync(Buffer.concat([whole, Buffer.alloc(1e6, 1)]));
  const { data } = await readNifti(longer, "longer.nii.gz");
  expect(Array.from(data)).toEqual(expected["int16.nii.gz"]!.data);
});

describe("a .nii.gz is read alike on every platform:", () => {
  const whole = new Uint8Array(gunzipSync(fixture("int16.nii.gz")));
  const members = (size: number) =>
    Array.from({ length: Math.ceil(whole.length / size) }, (_, k) =>
      gzipSync(whole.subarray(k * size, (k + 1) * size)),
    );
  /** As `bgzip` writes: each member says its own size in an extra field, and an empty one ends the file. */
  const blocked = [...members(150), gzipSync("")].map((member) => {
    const extra = Uint8Array.of(6, 0, 0x42, 0x43, 2, 0, 0, 0);
    new DataView(extra.buffer).setUint16(6, member.length + extra.length - 1, true);
    return Buffer.concat([
      member.subarray(0, 3),
      Uint8Array.of(4),
      member.subarray(4, 10),
      extra,
      member.subarray(10),
    ]);
  });
  const one = gzipSync(whole);
  const zeros = new Uint8Array(600);

  it.each([
    ["two members", members(500)],
    ["members smaller than the header", members(100)],
    ["blocks of BGZF", blocked],
    ["zeros behind it, as on a tape", [one, zeros]],
    ["zeros between members", members(300).flatMap((member) => [member, zeros])],
    ["bytes of something else behind it", [one, Buffer.from("signature")]],
    ["the beginning of another member behind it", [one, one.subarray(0, 20)]],
  ])("%s", async (_, parts) => {
    const { data, affine } = await readNifti(Buffer.concat(parts), "x.nii.gz");
    expect(Array.from(data)).toEqual(expected["int16.nii.gz"]!.data);
    expectAffine(affine, expected["int16.nii.gz"]!.affine);
  });

  it.each([
    ["a member is missing", members(500).slice(0, 1)],
    ["something else stands between members", [members(500)[0]!, Buffer.from("signature"), members(500)[1]!]],
  ])("refused where %s", async (_, parts) => {
    await expect(readNifti(Buffer.concat(parts), "x.nii.gz")).rejects.toThrow(
      "x.nii.gz: the image of 5×7×6 voxels is truncated: expected 772 bytes, found 500",
    );
  });

  it("a bit that was flipped anywhere is found, or changes no voxel", async () => {
    const two = new Uint8Array(Buffer.concat(members(500)));
    let found = 0;
    for (let bit = 0; bit < 8 * two.length; bit++) {
      const flipped = two.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      try {
        const { data } = await readNifti(flipped, "x.nii.gz");
        expect(Array.from(data), `bit ${bit}`).toEqual(expected["int16.nii.gz"]!.data);
      } catch (error) {
        expect(isVoxplainError(error, "invalid-file"), `bit ${bit}: ${error}`).toBe(true);
        found++;
      }
    }
    // What is passed over: times, flags and system in the headers of both members, and the like.
    expect(8 * two.length - found).toBeLessThan(2 * 8 * 10);
  });

  it("refused where it unpacks without end behind the image", async () => {
    const longer = gzipSync(Buffer.concat([whole, new Uint8Array(2 ** 25)]));
    await expect(readNifti(longer, "x.nii.gz")).rejects.toThrow(
      /x\.nii\.gz: it is damaged, or not an image: it continues far beyond the 772 bytes/,
    );
  });
});

it("an affine is read from the beginning of a file, however long it is", async () => {
  const whole = new Uint8Array(2 ** 20);
  whole.set(gunzipSync(fixture("int16.nii.gz")));
  const asked: number[] = [];
  const reader = {
    ...bytesReader(whole),
    read: async (offset: number, length: number) => {
      asked.push(offset + length);
      return whole.subarray(offset, offset + length);
    },
  };
  const source: FileSource = { name: "caps", list: async () => undefined, open: async () => reader };
  expect((await readAffine(source, "long.nii")).shape).toEqual([5, 7, 6]);
  expect(Math.max(...asked)).toBeLessThanOrEqual(2 ** 16);
});

describe("what cannot be read is refused in words:", () => {
  it.each([
    [
      "two_volumes.nii.gz",
      "unsupported",
      /two_volumes\.nii\.gz: the NIfTI file has too many volumes: expected 1, found 2/,
    ],
    ["complex.nii.gz", "unsupported", /complex numbers/],
    ["hostile.nii.gz", "invalid-file", /hostile\.nii\.gz/],
  ] as const)("%s", async (name, code, message) => {
    const failure = await readNifti(fixture(name), name).catch((error: unknown) => error);
    expect(isVoxplainError(failure, code), String(failure)).toBe(true);
    expect(String(failure)).toMatch(message);
  });

  const damaged = (name: string, change: (header: DataView) => void) => {
    const bytes = new Uint8Array(gunzipSync(fixture(name)));
    change(new DataView(bytes.buffer));
    return bytes;
  };

  it.each([
    [
      "no dimension",
      (header: DataView) => header.setInt16(40, 0, true),
      /impossible dimensions: found 0, 5, 7, 6/,
    ],
    [
      "a negative dimension",
      (header: DataView) => header.setInt16(42, -5, true),
      /impossible dimensions: found 3, -5, 7, 6/,
    ],
    [
      "voxels inside the header",
      (header: DataView) => header.setFloat32(108, 8, true),
      /expected byte 352 or later, found byte 8/,
    ],
    [
      "voxels nowhere",
      (header: DataView) => header.setFloat32(108, Number.NaN, true),
      /expected byte 352 or later, found byte NaN/,
    ],
    [
      "voxels beyond the end",
      (header: DataView) => header.setFloat32(108, 1e9, true),
      /is truncated: expected 1000000420 bytes/,
    ],
    [
      "a type of no standard",
      (header: DataView) => header.setInt16(70, 77, true),
      /values of the unknown type 77/,
    ],
  ])("a header with %s", async (_, change, message) => {
    const bytes = damaged("int16.nii.gz", change);
    await expect(readNifti(bytes, "x.nii")).rejects.toThrow(message);
    await expect(readNifti(gzipSync(bytes), "x.nii.gz")).rejects.toThrow(message);
  });

  it("a damaged .nii.gz, by its checksum", async () => {
    const bytes = fixture("int16.nii.gz");
    bytes[bytes.length - 6]! ^= 1;
    await expect(readNifti(bytes, "x.nii.gz")).rejects.toThrow("x.nii.gz: it is truncated or damaged");
  });

  it("a small file that claims more than it can hold, before memory is taken for it", async () => {
    const claimed = damaged("int16.nii.gz", (header) => {
      for (const at of [42, 44, 46]) header.setInt16(at, 800, true);
    });
    const before = process.memoryUsage().arrayBuffers;
    await expect(readNifti(gzipSync(claimed), "x.nii.gz")).rejects.toThrow(
      /x\.nii\.gz: the image of 800×800×800 voxels is truncated: expected 1024000352 bytes/,
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e8);
  });

  it("a truncated file, wherever it ends", async () => {
    for (const name of ["float32.nii.gz", "nifti2.nii"]) {
      const whole = fixture(name);
      for (let length = 0; length < whole.length; length += 13) {
        const failure = await readNifti(whole.subarray(0, length), name).catch((error: unknown) => error);
        expect(isVoxplainError(failure, "invalid-file"), `${name}, ${length} bytes: ${failure}`).toBe(true);
        expect(String(failure)).toContain(name);
      }
    }
  });

  it("an empty file, as in datasets that are published without their images", async () => {
    await expect(readNifti(new Uint8Array(0), "empty.nii.gz")).rejects.toThrow("empty.nii.gz: it is empty");
  });

  it("a file of another format", async () => {
    await expect(
      readNifti(new TextEncoder().encode("participant_id\tsession_id\n"), "labels.tsv"),
    ).rejects.toThrow("labels.tsv: it is not a NIfTI image");
  });

  it("the header of a pair of files, under the name of a whole image", async () => {
    const header = niftiOf([2, 2, 2], () => 1).slice(0, 352);
    header.set(new TextEncoder().encode("ni1\0"), 344);
    await expect(readNifti(header, "half.nii")).rejects.toThrow(
      "half.nii: it is the header of a pair of files (.hdr and .img); save the image as one file",
    );
  });
});

describe("a NIfTI of several volumes", () => {
  const oneFile = (bytes: Uint8Array): FileSource => ({
    name: "memory",
    open: async () => bytesReader(bytes),
    list: async () => [],
  });
  const shape = [3, 2, 2] as const;
  const volume = (k: number) => niftiOf(shape, (x, y, z) => 100 * k + 4 * x + 2 * y + z);
  const volumesOf = (claimed: number, stored: number) => {
    const bytes = Buffer.concat([
      volume(0),
      ...Array.from({ length: stored - 1 }, (_, k) => volume(k + 1).slice(352)),
    ]);
    bytes.writeInt16LE(4, 40);
    bytes.writeInt16LE(claimed, 48);
    return bytes;
  };
  const read = (bytes: Uint8Array) => readImageFile(oneFile(bytes), "a.nii");

  it("is an image of as many channels", async () => {
    const { values } = await read(volumesOf(2, 2));
    expect(values.dims).toEqual([2, 3, 2, 2]);
    const first = Array.from({ length: 12 }, (_, k) => k);
    expect([...values.data]).toEqual([...first, ...first.map((value) => 100 + value)]);
  });

  it.each([
    [2, 1, "the image of 3×2×2×2 voxels is truncated: expected 376 bytes, found 364"],
    [65, 65, "too many volumes: expected at most 64 channels, found 65"],
  ])(
    "that claims %d and holds %d is refused where that is not an image",
    async (claimed, stored, message) => {
      await expect(read(volumesOf(claimed, stored))).rejects.toThrow(message);
    },
  );
});
