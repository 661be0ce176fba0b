import { gunzipSync } from "node:zlib";
import { readNifti } from "@voxplain/caps-io";
import { type Affine, identityAffine, memoryFiles, tensor } from "@voxplain/core";
import type { ExplainedImage, Plan } from "@voxplain/study";
import { describe, expect, it } from "vitest";
import { groupResults } from "../src/interpret/results.ts";
import { recordedFiles } from "../src/job/recorded-files.ts";

const shifted: Affine = [
  [2, 0, 0, -84],
  [0, 2, 0, -119],
  [0, 0, 2, -78],
  [0, 0, 0, 1],
];

/** A whole image of 2×3×4 voxels, explained. */
function explained(participantId: string, affine: Affine | undefined): ExplainedImage {
  const map = tensor(
    "float32",
    [1, 2, 3, 4],
    Float32Array.from({ length: 24 }, (_, k) => k - 12),
  );
  const part = { name: "image", id: 0, index: 0, input: map, warnings: [] };
  const session = { name: participantId, participantId, sessionId: "ses-M00" };
  const input = { session, grid: [2, 3, 4], parts: [], warnings: [] };
  const task = { network: { fold: 0, selection: "best_loss" } };
  const image = { session, input, task, affine, isKept: true, target: 1, parts: [{ part, map }] };
  return image as unknown as ExplainedImage;
}

/** Writes the group map of sessions with these affines; gives its affine, its bytes and what was recorded. */
async function groupOf(...affines: readonly (Affine | undefined)[]) {
  const files = new Map<string, Uint8Array>();
  const warnings: string[] = [];
  const recorded = recordedFiles(memoryFiles(files));
  const plan = { request: {} } as Plan;
  const results = groupResults(recorded, { plan, arguments: { name: "test", vmax: 1 } });
  const add = (warning: string) => void warnings.push(warning);
  for (const [k, affine] of affines.entries()) {
    await results.add(explained(`sub-${k}`, affine), { list: warnings, add });
  }
  await results.finish();
  const bytes = gunzipSync(files.get("map.nii.gz")!);
  const { affine } = await readNifti(bytes, "map.nii");
  const niftis = recorded.outputs.filter(({ file }) => file.endsWith(".nii.gz"));
  return { affine, bytes, warnings, provenance: niftis.map(({ position }) => position) };
}

describe("the affine of a group's map", () => {
  it("is that of the first image whose position is known", async () => {
    const { affine, warnings, provenance } = await groupOf(undefined, shifted, shifted);
    expect([affine, warnings]).toEqual([shifted, []]);
    expect(provenance).toEqual([undefined]);
  });

  it("is the identity where the position is unknown: header, provenance and a warning record it", async () => {
    const { affine, bytes, warnings, provenance } = await groupOf(undefined, undefined);
    expect(affine).toBeUndefined();
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    expect(Array.from({ length: 12 }, (_, k) => view.getFloat32(280 + 4 * k, true))).toEqual(
      identityAffine.slice(0, 3).flat(),
    );
    expect(view.getInt16(254, true)).toBe(2);
    expect(new TextDecoder().decode(bytes.subarray(148, 164))).toBe("position unknown");
    expect(warnings).toContainEqual(expect.stringMatching(/^the position of the voxels is unknown: /));
    expect(provenance).toEqual(["unknown"]);
  });
});
