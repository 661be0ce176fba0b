import { readNifti } from "@voxplain/caps-io";
import {
  type Affine,
  decodeText,
  type FilePath,
  type FileSource,
  identityAffine,
  indexOfVoxel,
  readFile,
  type Volume,
  VoxplainError,
  voxelLocator,
} from "@voxplain/core";
import type { AtlasFiles } from "../engine/engine.ts";
import { parseRegionNames } from "./region-names.ts";

/** A brain has some hundred regions; an image whose every voxel differs is none. */
const mostLabels = 10_000;

/** An atlas, and the names of its regions. */
export interface Atlas extends AtlasFiles {
  /** The region at a place in millimetres; undefined outside all. */
  regionAt(millimetres: readonly [number, number, number]): string | undefined;
  readonly labels: Volume;
  /** Name by label; the number itself where there is none. */
  readonly names: ReadonlyMap<number, string>;
}

/**
 * Opens an atlas: a NIfTI of whole numbers, and the names of its regions as a table.
 * @param names - Of a TSV or text file; without it regions are called by their numbers.
 * @throws VoxplainError naming the file when it is no NIfTI, or its voxels are no labels.
 */
export async function openAtlas(labels: FileSource, path: FilePath, names?: Uint8Array): Promise<Atlas> {
  const file = `${labels.name}/${path}`;
  const { data, shape, affine, affineError } = await readNifti(await readFile(labels, path), file);
  if (affineError !== undefined)
    throw new VoxplainError("invalid-file", `${affineError}; correct its header`);
  const found = labelsIn(data, file);
  const given = names ? parseRegionNames(decodeText(names)) : new Map<number, string>();
  const nameOf = new Map(found.map((label) => [label, given.get(label) ?? String(label)]));
  const volume: Volume = { data, shape, affine: affine ?? identityAffine };
  const toVoxel = affine && locatorOf(affine, file);
  return {
    name: path.slice(path.lastIndexOf("/") + 1).replace(/\.(nii|nii\.gz|mgz|mgh|mgh\.gz)$/i, ""),
    labels: volume,
    place: { source: labels, below: path },
    names: nameOf,
    regionAt(millimetres) {
      if (toVoxel === undefined) return undefined;
      const [i, j, k] = toVoxel(millimetres).map(Math.round) as [number, number, number];
      const [x, y, z] = shape;
      if (!(i >= 0 && i < x && j >= 0 && j < y && k >= 0 && k < z)) return undefined;
      return nameOf.get(data[indexOfVoxel([i, j, k], shape)] ?? 0);
    },
  };
}

/** Without 0, which is no region. */
function labelsIn(data: Float32Array, file: string): readonly number[] {
  const labels = new Set<number>();
  for (const value of data) {
    if (value === 0) continue;
    labels.add(value);
    if (!Number.isSafeInteger(value) || labels.size > mostLabels) {
      const reason = labels.size > mostLabels ? `more than ${mostLabels} values` : `the value ${value}`;
      throw new VoxplainError(
        "invalid-file",
        `it has ${reason}: an atlas has a whole number for each region. Is it an image, or was it interpolated?`,
        { file },
      );
    }
  }
  if (labels.size === 0) {
    throw new VoxplainError("invalid-file", "it has no region: all its voxels are 0", { file });
  }
  return [...labels].sort((a, b) => a - b);
}

function locatorOf(affine: Affine, file: string) {
  const locate = voxelLocator(affine);
  if (locate !== undefined) return locate;
  throw new VoxplainError("invalid-file", "the affine cannot be inverted: it puts voxels on a plane", {
    file,
  });
}
