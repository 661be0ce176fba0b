import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readAffine, readNifti } from "@voxplain/caps-io";
import { isVoxplainError } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("fixtures/", import.meta.url));
const fixture = (name: string) => new Uint8Array(readFileSync(`${folder}${name}`));
const expected: Record<string, { shape: number[]; affine: number[][]; data: number[] }> = JSON.parse(
  readFileSync(`${folder}expected.json`, "utf8"),
).nifti;

function expectAffine(affine: readonly (readonly number[])[], reference: number[][]): void {
  for (const [r, row] of reference.entries()) {
    // The header holds the sform in float32; a qform's rotation is computed from float32 quaternions.
    for (const [c, value] of row.entries()) expect(affine[r]![c]).toBeCloseTo(value, 5);
  }
}

describe.each(Object.keys(expected))("%s", (name) => {
  it("has the values, the shape and the affine that nibabel gives", async () => {
    const { data, shape, affine } = await readNifti(fixture(name), name);
    expect(shape).toEqual(expected[name]!.shape);
    expect(Array.from(data)).toEqual(expected[name]!.data);
    expectAffine(affine, expected[name]!.affine);
  });

  it("tells its affine without being read whole", async () => {
    const { shape, affine } = await readAffine(directory(folder), name);
    expect(shape).toEqual(expected[name]!.shape);
    expectAffine(affine, expected[name]!.affine);
  });
});

describe("what cannot be read is refused in words:", () => {
  it.each([
    ["two_volumes.nii.gz", "unsupported", /two_volumes\.nii\.gz holds 2 volumes; an image is one volume/],
    ["complex.nii.gz", "unsupported", /complex numbers/],
    ["hostile.nii.gz", "invalid-file", /hostile\.nii\.gz/],
  ] as const)("%s", async (name, code, message) => {
    const failure = await readNifti(fixture(name), name).catch((error: unknown) => error);
    expect(isVoxplainError(failure, code), String(failure)).toBe(true);
    expect(String(failure)).toMatch(message);
  });

  it("a truncated file, wherever it ends", async () => {
    for (const name of ["float32.nii.gz", "nifti2.nii"]) {
      const whole = fixture(name);
      for (let length = 0; length < whole.length - 8; length += 13) {
        const failure = await readNifti(whole.subarray(0, length), name).catch((error: unknown) => error);
        expect(isVoxplainError(failure, "invalid-file"), `${name}, ${length} bytes: ${failure}`).toBe(true);
        expect(String(failure)).toContain(name);
      }
    }
  });

  it("a file of another format", async () => {
    await expect(
      readNifti(new TextEncoder().encode("participant_id\tsession_id\n"), "labels.tsv"),
    ).rejects.toThrow("labels.tsv is no NIfTI image");
  });
});
