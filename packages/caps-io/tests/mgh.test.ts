import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import {
  readAffine,
  readImageFile,
  readImageGrid,
  readImageHeader,
  readNifti,
  readTemplate,
} from "@voxplain/caps-io";
import { memoryFiles } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("fixtures/", import.meta.url));
const files = directory(folder);
const frozen = JSON.parse(readFileSync(`${folder}expected.json`, "utf8"));
const expected: Record<string, { shape: number[]; affine: number[][]; data: number[] }> = frozen.nifti;
const plain = new Uint8Array(readFileSync(`${folder}plain.mgh`));

/** `plain.mgh` with other bytes in its header. */
function changed(change: (view: DataView) => void): Uint8Array {
  const bytes = Uint8Array.from(plain);
  change(new DataView(bytes.buffer));
  return bytes;
}

describe.each(["uint8.mgz", "int16.mgz", "int32.mgz", "float32.mgz", "plain.mgh"])("%s", (name) => {
  it("is read among images of all formats as nibabel reads it, to the last bit", async () => {
    const { shape, affine, data } = expected[name]!;
    const image = await readImageFile(files, name);
    expect(image.values.dims).toEqual(shape);
    expect(Array.from(image.values.data)).toEqual(data);
    expect(image.affine).toEqual(affine);
    expect(image).toMatchObject({ hasSpatialAxes: true, warnings: [] });
  });

  it("shows its grid without being read whole", async () => {
    const { shape, affine } = expected[name]!;
    expect(await readImageHeader(files, name)).toMatchObject({ dims: shape, affine, hasSpatialAxes: true });
    expect(await readImageGrid(files, name)).toMatchObject({ shape, affine });
  });
});

it("NaN becomes 0, as in a NIfTI", () => {
  const at = (1 * 7 + 2) * 6 + 3;
  const stored = new DataView(plain.buffer).getFloat32(284 + 4 * (3 * 35 + 2 * 5 + 1));
  expect(stored).toBeNaN();
  expect(expected["plain.mgh"]!.data[at]).toBe(0);
});

it("an .mgz that was not compressed, and an .mgh.gz, are read too", async () => {
  const { data } = expected["plain.mgh"]!;
  for (const [name, bytes] of [
    ["plain.mgz", plain],
    ["plain.mgh.gz", new Uint8Array(gzipSync(plain))],
  ] as const) {
    expect(Array.from((await readNifti(bytes, name)).data)).toEqual(data);
  }
});

describe("the position of the voxels", () => {
  const source = (bytes: Uint8Array) => memoryFiles(new Map([["scan.mgh", bytes]]));

  it("is unknown where the header says that it holds none", async () => {
    const unknown = source(changed((view) => view.setInt16(28, 0)));
    expect(await readAffine(unknown, "scan.mgh")).toEqual({ shape: [5, 7, 6], warnings: [] });
    await expect(readTemplate(unknown, "scan.mgh")).rejects.toThrow(
      /scan\.mgh: it gives no position and cannot be a template: its goodRASFlag is 0/,
    );
  });

  it("cannot be used where a voxel has no length", async () => {
    const flat = source(changed((view) => view.setFloat32(34, 0)));
    const { affine, affineError } = await readAffine(flat, "scan.mgh");
    expect(affine).toBeUndefined();
    expect(affineError).toMatch(/scan\.mgh has no usable affine: .* is singular: .* axis 2 is 0/);
  });
});

describe("refused by name:", () => {
  it.each([
    [
      "several frames",
      new Uint8Array(readFileSync(`${folder}three_frames.mgz`)),
      /several frames: expected 1 frame, found 3 frames; .*mri_convert --frame 0/,
    ],
    [
      "a file of another format",
      new TextEncoder().encode("participant_id\n"),
      /is not an image in FreeSurfer's MGH format/,
    ],
    ["an empty file", new Uint8Array(), /is not an image in FreeSurfer's MGH format/],
    [
      "a NIfTI of this name",
      new Uint8Array(readFileSync(`${folder}nifti2.nii`)),
      /is not an image in FreeSurfer's MGH format/,
    ],
    [
      "a header that is cut off",
      plain.subarray(0, 60),
      /ends inside its header: expected 284 bytes or more, found 60/,
    ],
    [
      "voxels that are cut off",
      plain.subarray(0, 1000),
      /5×7×6 voxels is truncated: expected 1124 bytes, found 1000/,
    ],
    ["a compressed file that is cut off", gzipSync(plain).subarray(0, 400), /truncated or damaged/],
    ["no voxels", changed((view) => view.setInt32(8, 0)), /impossible dimensions: found 5, 0, 6, 1/],
    [
      "a negative length",
      changed((view) => view.setInt32(4, -5)),
      /impossible dimensions: found -5, 7, 6, 1/,
    ],
    [
      "more voxels than any image has",
      changed((view) => view.setInt32(4, 2 ** 30)),
      /claims 1073741824×7×6 voxels/,
    ],
    [
      "colours",
      changed((view) => view.setInt32(20, 9)),
      /found colours \(RGB\); convert it, with mri_convert/,
    ],
    ["an unknown type", changed((view) => view.setInt32(20, 99)), /found the unknown type 99/],
  ])("%s", async (_, bytes, sentence) => {
    await expect(readNifti(bytes, "scan.mgz")).rejects.toThrow(sentence);
    await expect(readNifti(bytes, "scan.mgz")).rejects.toThrow(/^scan\.mgz: /);
  });

  it("a grid that a small compressed file cannot hold, without taking its memory", async () => {
    const claims = changed((view) => {
      for (const at of [4, 8, 12]) view.setInt32(at, 800);
    });
    await expect(readNifti(gzipSync(claims), "scan.mgz")).rejects.toThrow(/scan\.mgz: .*truncated/);
  });
});
