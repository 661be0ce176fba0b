import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { readAffine, readImageFile, readImageGrid, readNifti, readTemplate } from "@voxplain/caps-io";
import { memoryFiles } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { niftiOf } from "./nifti-of.ts";

interface Variant {
  readonly name: string;
  /** Base64 of a .nii.gz of 3×4×2 voxels. */
  readonly bytes: string;
  readonly right: "sform" | "qform" | "none" | "broken";
  /** What nibabel makes of the sform or the qform. */
  readonly affine?: number[][];
}

const variants: readonly Variant[] = JSON.parse(
  readFileSync(new URL("fixtures/positions/positions.json", import.meta.url), "utf8"),
);
const of = (right: Variant["right"]) =>
  variants.filter((one) => one.right === right).map((one) => [one.name, one] as const);

/** The variant as a .nii and as a .nii.gz file. */
async function filesOf({ bytes }: Variant) {
  const files = memoryFiles();
  const gz = Uint8Array.from(Buffer.from(bytes, "base64"));
  await files.write("a.nii.gz", gz);
  await files.write("a.nii", Uint8Array.from(gunzipSync(gz)));
  return files;
}

const paths = ["a.nii", "a.nii.gz"];

describe("the position of a NIfTI image", () => {
  it.each(of("sform"))("is its sform, without a warning: %s", async (_, variant) => {
    const files = await filesOf(variant);
    for (const path of paths) {
      const { affine, affineError, warnings } = await readAffine(files, path);
      expect([affine, affineError, warnings]).toEqual([variant.affine, undefined, []]);
    }
  });

  it.each(of("qform"))(
    "is its qform, with a warning where that is not what the header prefers: %s",
    async (_, variant) => {
      const files = await filesOf(variant);
      for (const path of paths) {
        const { affine, affineError, warnings } = await readAffine(files, path);
        expect(affineError).toBeUndefined();
        // Quaternions are stored in float32.
        for (const [r, row] of variant.affine!.entries()) {
          for (const [c, value] of row.entries()) expect(affine![r]![c]).toBeCloseTo(value, 5);
        }
        if (variant.name.startsWith("sform")) {
          expect(warnings).toEqual([
            expect.stringMatching(/^the sform of .*a\.nii.* its qform is used instead$/),
          ]);
        } else if (variant.name.includes("voxel size")) {
          expect(warnings).toEqual([
            expect.stringMatching(/along axis 1 \(pixdim\) is -2: 2 mm is used, as nibabel does/),
            expect.stringMatching(/along axis 3 \(pixdim\) is 0: 1 mm is used, as nibabel does/),
          ]);
        } else expect(warnings).toEqual([]);
      }
    },
  );

  it.each(of("none"))("is unknown: %s", async (_, variant) => {
    const files = await filesOf(variant);
    for (const path of paths) {
      const { affine, affineError, warnings } = await readAffine(files, path);
      expect([affine, affineError, warnings]).toEqual([undefined, undefined, []]);
      await expect(readTemplate(files, path)).rejects.toThrow(
        /a\.nii.*: it gives no position and cannot be a template: its sform and its qform have code 0/,
      );
    }
  });

  it("is unknown to a template whose affine is an exact identity", async () => {
    const files = memoryFiles(new Map([["identity.nii", niftiOf([2, 2, 2], () => 0)]]));
    await expect(readTemplate(files, "identity.nii")).rejects.toThrow(
      "memory/identity.nii: it gives no position and cannot be a template: its affine is the identity",
    );
  });

  it.each(of("broken"))("cannot be used, which an error names with the file: %s", async (_, variant) => {
    const files = await filesOf(variant);
    for (const path of paths) {
      const { affine, affineError } = await readAffine(files, path);
      expect(affine).toBeUndefined();
      expect(affineError).toMatch(/a\.nii.* has no usable affine: its sform .*, and its qform .*$/);
      await expect(readTemplate(files, path)).rejects.toThrow(affineError);
    }
  });

  it("does not keep the voxels from being read", async () => {
    for (const variant of variants) {
      const gz = Uint8Array.from(Buffer.from(variant.bytes, "base64"));
      const { data, shape, ...position } = await readNifti(gz, "a.nii.gz");
      // x is fastest in the file.
      expect([...data.slice(0, 3)]).toEqual([0, 12, 3]);
      expect(shape).toEqual([3, 4, 2]);
      expect(position.affine === undefined).toBe(["none", "broken"].includes(variant.right));
      const { values, ...ofFile } = await readImageFile(await filesOf(variant), "a.nii.gz");
      expect(values.dims).toEqual([3, 4, 2]);
      expect(ofFile.affine).toEqual(position.affine);
    }
  });

  it("is unknown in a map that says so in its description", async () => {
    const bytes = niftiOf([2, 2, 2], () => 1);
    bytes.set(new TextEncoder().encode("position unknown"), 148);
    const files = memoryFiles();
    await files.write("map.nii", bytes);
    expect((await readAffine(files, "map.nii")).affine).toBeUndefined();
  });

  it("is read for several volumes too, where each is a channel", async () => {
    const bytes = Buffer.concat([niftiOf([2, 2, 2], () => 1), Buffer.alloc(16)]);
    bytes.writeInt16LE(4, 40);
    bytes.writeInt16LE(3, 48);
    const files = memoryFiles();
    await files.write("a.nii", bytes);
    await files.write("a.npy", bytes);
    expect(await readImageGrid(files, "a.nii")).toMatchObject({ name: "memory/a.nii", shape: [2, 2, 2] });
    expect(await readImageGrid(files, "a.npy")).toEqual({ name: "memory/a.npy", warnings: [] });
  });
});
