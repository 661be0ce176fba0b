import { gunzipSync } from "node:zlib";
import { readNifti } from "@voxplain/caps-io";
import { type Affine, identityAffine, memoryFiles, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { groupResults } from "../src/interpret/results.ts";
import type { ExplainedSession } from "../src/job/explain-sessions.ts";
import { recordedFiles } from "../src/job/recorded-files.ts";

const shifted: Affine = [
  [2, 0, 0, -84],
  [0, 2, 0, -119],
  [0, 0, 2, -78],
  [0, 0, 0, 1],
];

/** A whole image of 2×3×4 voxels, explained. */
function explained(participantId: string): ExplainedSession {
  const map = tensor(
    "float32",
    [1, 2, 3, 4],
    Float32Array.from({ length: 24 }, (_, k) => k - 12),
  );
  const part = { name: "image", id: 0, index: 0, input: map, warnings: [] };
  const input = {
    session: { participantId, sessionId: "ses-M00" },
    grid: [2, 3, 4],
    parts: [],
    warnings: [],
  };
  return { input, parts: [{ part, map }] } as unknown as ExplainedSession;
}

/** Writes the group map of sessions with these affines; gives its affine, its bytes and what was recorded. */
async function groupOf(...affines: readonly (Affine | undefined)[]) {
  const files = new Map<string, Uint8Array>();
  const warnings: string[] = [];
  const recorded = recordedFiles(memoryFiles(files));
  const results = groupResults(recorded, "test", { throughNormalization: false });
  for (const [k, affine] of affines.entries()) {
    const warn = (warning: string) => void warnings.push(warning);
    await results.add(explained(`sub-${k}`), { affine, vmax: 1, title: "", warn });
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
