import { gunzipSync } from "node:zlib";
import { readNifti } from "@voxplain/caps-io";
import { type Affine, identityAffine, memoryFiles, tensor } from "@voxplain/core";
import { recordedFiles, writeGroupMaps } from "@voxplain/results";
import { type ExplainedImage, groupMaps, type Plan } from "@voxplain/study";
import { describe, expect, it } from "vitest";

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
  const part = { name: "image", id: 0, index: 0, input: map, transform: { minMax: "none" }, warnings: [] };
  const session = { name: participantId, participantId, sessionId: "ses-M00" };
  const input = { session, grid: [2, 3, 4], parts: [], warnings: [] };
  const task = { network: { fold: 0, selection: "best_loss" }, sessions: [session] };
  const image = { session, input, task, affine, isKept: true, target: 1, parts: [{ part, map }] };
  return image as unknown as ExplainedImage;
}

/** Writes the group map of sessions with these affines; gives its affine, its bytes and what was recorded. */
async function groupOf(...affines: readonly (Affine | undefined)[]) {
  const files = new Map<string, Uint8Array>();
  let unknown = 0;
  const recorded = recordedFiles(memoryFiles(files));
  const plan = { request: {} } as Plan;
  const group = groupMaps(plan);
  for (const [k, affine] of affines.entries()) group.add(explained(`sub-${k}`, affine));
  const options = { name: "test", vmax: 1, onUnknownPosition: () => unknown++ };
  await writeGroupMaps(recorded, group.mean(), options);
  const bytes = gunzipSync(files.get("map.nii.gz")!);
  const { affine } = await readNifti(bytes, "map.nii");
  const niftis = recorded.outputs.filter(({ file }) => file.endsWith(".nii.gz"));
  return { affine, bytes, isUnknown: unknown > 0, provenance: niftis.map(({ position }) => position) };
}

describe("the affine of a group's map", () => {
  it("is that of the first image whose position is known", async () => {
    const { affine, isUnknown, provenance } = await groupOf(undefined, shifted, shifted);
    expect([affine, isUnknown]).toEqual([shifted, false]);
    expect(provenance).toEqual([undefined]);
  });

  it("is the identity where the position is unknown: header and provenance record it, and the caller learns of it", async () => {
    const { affine, bytes, isUnknown, provenance } = await groupOf(undefined, undefined);
    expect(affine).toBeUndefined();
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    expect(Array.from({ length: 12 }, (_, k) => view.getFloat32(280 + 4 * k, true))).toEqual(
      identityAffine.slice(0, 3).flat(),
    );
    expect(view.getInt16(254, true)).toBe(2);
    expect(new TextDecoder().decode(bytes.subarray(148, 164))).toBe("position unknown");
    expect(isUnknown).toBe(true);
    expect(provenance).toEqual(["unknown"]);
  });
});
