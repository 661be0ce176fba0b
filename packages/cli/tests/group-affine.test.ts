import { readNifti } from "@voxplain/caps-io";
import type { Affine } from "@voxplain/core";
import { identityAffine, tensor } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { groupResults } from "../src/interpret/results.ts";
import type { ExplainedSession } from "../src/job/explain-sessions.ts";

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

/** Writes the group map of sessions with these affines; gives its affine and what was warned of. */
async function groupOf(...affines: readonly (Affine | undefined)[]) {
  const files = new Map<string, Uint8Array>();
  const warnings: string[] = [];
  const results = groupResults(
    { name: "memory", outputs: [], write: async (path, bytes) => void files.set(path, bytes) },
    "test",
    { throughNormalization: false },
  );
  for (const [k, affine] of affines.entries()) {
    const warn = (warning: string) => void warnings.push(warning);
    await results.add(explained(`sub-${k}`), { affine, vmax: 1, title: "", warn });
  }
  await results.finish();
  return { affine: (await readNifti(files.get("map.nii.gz")!, "map.nii.gz")).affine, warnings };
}

describe("the affine of a group's map", () => {
  it("is that of the first image which tells its own", async () => {
    expect(await groupOf(undefined, shifted, shifted)).toEqual({ affine: shifted, warnings: [] });
  });

  it("is the first of several, with a warning that names who lies elsewhere", async () => {
    const { affine, warnings } = await groupOf(shifted, identityAffine);
    expect(affine).toEqual(shifted);
    expect(warnings).toEqual([expect.stringMatching(/^the image of sub-1 ses-M00 lies elsewhere in space/)]);
  });

  it("is the identity where none tells it, with a warning", async () => {
    const { affine, warnings } = await groupOf(undefined, undefined);
    expect(affine).toEqual(identityAffine);
    expect(warnings).toContainEqual(expect.stringMatching(/^nothing says where the voxels lie/));
  });
});
