import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { recordAccuracy } from "../../../tests/accuracy.ts";
import {
  type Box,
  cropped,
  expectedNpy,
  expectedOf,
  expectMap,
  interpretParts,
  type Npy,
  nifti,
  niftiValues,
  npy,
  row,
  thinned,
} from "./part-fixtures.ts";

interface Claim {
  readonly model: string;
  readonly tolerance: number;
  /** Compare with gradients at the raw intensities. */
  readonly throughNormalization?: boolean;
  readonly options?: readonly string[];
  /** For large images: the box of the recomposed map in the expectations, thinned as the maps are. */
  readonly box?: Box;
}

const kindOf = ({ throughNormalization }: Claim) => (throughNormalization ? "raw-" : "");
const optionsOf = ({ throughNormalization, options = [] }: Claim) => [
  ...options,
  ...(throughNormalization ? ["--through_normalization"] : []),
];

/** What the expectations have of a recomposed map. */
function seenOf(whole: Npy, { box }: Claim, step: number | null): Npy {
  return box === undefined ? whole : thinned(cropped(whole, box), step ?? 1, 3);
}

const bytesOf = ({ values: { buffer, byteOffset, byteLength } }: Npy) =>
  Buffer.from(buffer, byteOffset, byteLength);

/** The group result of the AD sessions is that of torch and numpy. */
export async function claimGroup(folder: string, claim: Claim): Promise<string> {
  const { model, tolerance } = claim;
  const { step, ad } = expectedOf(model);
  const result = await interpretParts(folder, "group", model, "g", ...optionsOf(claim));
  const map = npy(join(result, "map.npy"));
  const axes = map.shape.length;
  const mapError = expectMap(
    step === null ? map : thinned(map, step, axes),
    expectedNpy(model, `${kindOf(claim)}group.npy`),
    tolerance,
  );
  const recomposed = npy(join(result, "recomposed.npy"));
  const reference = expectedNpy(model, `${kindOf(claim)}group-recomposed.npy`);
  const recomposedError = expectMap(seenOf(recomposed, claim, step), reference, tolerance);
  recordAccuracy("parts", `${model} ${kindOf(claim)}group`, {
    model,
    gradients: claim.throughNormalization ? "at the raw intensities" : "at the network's input",
    sessions: ad.length,
    mapError,
    recomposedError,
  });
  if (claim.box === undefined) expectCoverage(join(result, "coverage.nii.gz"), model, ad.length);
  const opened = niftiValues(nifti(join(result, "recomposed.nii.gz")));
  // As bytes: a matcher takes a minute for the voxels of a whole brain.
  expect(bytesOf(opened).equals(bytesOf(recomposed))).toBe(true);
  return result;
}

/** So are the results of each AD session and of each part of it. */
export async function claimIndividual(folder: string, claim: Claim): Promise<string> {
  const { model, tolerance } = claim;
  const kind = kindOf(claim);
  const { step, ad } = expectedOf(model);
  const result = await interpretParts(folder, "individual", model, "i", ...optionsOf(claim));
  const maps = expectedNpy(model, `${kind}individual.npy`);
  const parts = expectedNpy(model, `${kind}parts.npy`);
  const recomposed = expectedNpy(model, `${kind}recomposed.npy`);
  for (const [k, session] of ad.entries()) {
    const [participant = "", id = ""] = session.key;
    const own = join(result, participant, id);
    const thin = (path: string) => {
      const map = npy(path);
      return step === null ? map : thinned(map, step, map.shape.length - 1);
    };
    expectMap(thin(join(own, "map.npy")), row(maps, k), tolerance);
    const whole = npy(join(own, "recomposed.npy"));
    expectMap(seenOf(whole, claim, step), row(recomposed, k), tolerance);
    if (claim.box === undefined) expectCoverage(join(own, "coverage.nii.gz"), model, 1);
    expect(readdirSync(join(own, "parts")).sort()).toEqual(session.parts.map(({ name }) => name).sort());
    if (k >= parts.shape[0]!) continue;
    for (const [p, { name }] of session.parts.entries()) {
      expectMap(thin(join(own, "parts", name, "map.npy")), row(row(parts, k), p), tolerance);
    }
  }
  return result;
}

function expectCoverage(path: string, model: string, sessions: number): void {
  const expected = expectedNpy(model, "coverage.npy");
  const found = niftiValues(nifti(path));
  expect(found.shape).toEqual(expected.shape);
  expect(found.values).toEqual(expected.values.map((count) => count * sessions));
}
