import {
  type Affine,
  type FilePath,
  type FileSource,
  joinPath,
  type Preprocessing,
  readFile,
  VoxplainError,
} from "@voxplain/core";
import { checkCompanion, type ImageGrid } from "../grids/compare-grids.ts";
import { layoutOf } from "../layout.ts";
import { type NiftiImage, readNifti } from "../nifti.ts";
import type { Part } from "./part.ts";

/** A mask of a CAPS: the voxels of a region on the template's grid. */
export interface RegionMask {
  readonly name: string;
  /** For messages. */
  readonly file: string;
  readonly grid: readonly number[];
  /** Voxel indices to mm; undefined where its header gives no position. */
  readonly affine?: Affine;
  /** Sentences about its header. */
  readonly warnings: readonly string[];
  /** The smallest box around the region. */
  readonly start: readonly number[];
  readonly size: readonly number[];
  /** Row-major over the box: 1 in the region. */
  readonly inBox: Uint8Array;
  /**
   * Along each axis the rows of the box in which the region has a voxel. A cropped region is made of
   * these: of a region in two pieces the empty rows between them are cut out, too.
   */
  readonly rows: readonly (readonly number[])[];
}

/**
 * Where the mask of a region lies.
 * @throws VoxplainError `unsupported` for a preprocessing without masks, `unsafe-file` for a name that
 * would lead elsewhere.
 */
export function maskPath(preprocessing: Preprocessing, name: string): FilePath {
  const { template, maskPattern = "" } = layoutOf(preprocessing);
  if (template === undefined) {
    throw new VoxplainError("unsupported", `images of ${preprocessing} have no regions of interest`);
  }
  checkRegionName(name);
  return joinPath(
    "masks/roi_based",
    `tpl-${template}`,
    `tpl-${template}${maskPattern}_roi-${name}_mask.nii.gz`,
  );
}

/** Names come from a model's file and become names of files. */
export function checkRegionName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (name !== "" && !/[/\\\0-\x1f\x7f]/.test(name)) return;
  throw new VoxplainError(
    "unsafe-file",
    `${JSON.stringify(name)} cannot be the name of a region of interest`,
  );
}

/**
 * Reads the masks of regions, in the order of the names; undefined where the CAPS has one of them not.
 * @throws VoxplainError `invalid-file` naming the file when a mask is empty, has other values than 0 and 1, or a broken affine.
 */
export async function readRegionMasks(
  caps: FileSource,
  preprocessing: Preprocessing,
  names: readonly string[],
): Promise<readonly RegionMask[] | undefined> {
  const masks: RegionMask[] = [];
  for (const name of names) {
    const path = maskPath(preprocessing, name);
    if ((await caps.open(path)) === undefined) return undefined;
    const file = `${caps.name}/${path}`;
    const image = await readNifti(await readFile(caps, path), file);
    if (image.affineError !== undefined)
      throw new VoxplainError("invalid-file", `${image.affineError}; correct its header`);
    masks.push(regionMask(name, file, image));
  }
  return masks;
}

function regionMask(
  name: string,
  file: string,
  { data, shape: grid, affine, warnings }: NiftiImage,
): RegionMask {
  const [, sizeY = 0, sizeZ = 0] = grid;
  const occupied = grid.map((length) => new Uint8Array(length));
  for (let k = 0; k < data.length; k++) {
    const value = data[k]!;
    if (value === 0) continue;
    if (value !== 1) {
      throw new VoxplainError("invalid-file", `${file} is no mask: it has a voxel of ${value}, not 0 or 1`);
    }
    occupied[0]![Math.floor(k / (sizeY * sizeZ))] = 1;
    occupied[1]![Math.floor(k / sizeZ) % sizeY] = 1;
    occupied[2]![k % sizeZ] = 1;
  }
  const found = occupied.map((flags) => Array.from(flags.keys()).filter((row) => flags[row] === 1));
  if (found[0]!.length === 0) {
    throw new VoxplainError("invalid-file", `${file} is an empty mask: no voxel of it is 1`);
  }
  const start = found.map((rows) => rows[0]!);
  const size = found.map((rows, axis) => rows.at(-1)! - start[axis]! + 1);
  const rows = found.map((indices, axis) => indices.map((index) => index - start[axis]!));
  const inBox = new Uint8Array(size[0]! * size[1]! * size[2]!);
  for (let x = 0, to = 0; x < size[0]!; x++) {
    for (let y = 0; y < size[1]!; y++) {
      const row = ((x + start[0]!) * sizeY + y + start[1]!) * sizeZ + start[2]!;
      for (let z = 0; z < size[2]!; z++) inBox[to++] = data[row + z]!;
    }
  }
  return { name, file, grid, ...(affine && { affine }), warnings, start, size, inBox, rows };
}

/**
 * Checks that masks are on the grid of an image.
 * @returns Warnings about masks at another or an unknown position.
 * @throws VoxplainError `mismatch` for a mask of another shape or orientation.
 */
export function checkMasks(masks: readonly RegionMask[], image: ImageGrid): readonly string[] {
  const { shape = [] } = image;
  const misfit = masks.find((mask) => mask.grid.join() !== shape.join());
  if (misfit) {
    throw new VoxplainError(
      "mismatch",
      `it has ${shape.join("×")} voxels, but the mask ${misfit.file} has ${misfit.grid.join("×")}`,
    );
  }
  return masks.flatMap(({ file, grid, affine, warnings }) => {
    const mask = { name: `the mask ${file}`, shape: grid, ...(affine && { affine }) };
    // A network is trained with masks as they are stored: a shift is a warning. Other directions are another region.
    const known = image.affine === undefined ? [] : checkCompanion({ ...mask, needs: "directions" }, [image]);
    return [...warnings, ...known];
  });
}

/** The parts that masks make. */
export function regionParts(masks: readonly RegionMask[]): Part[] {
  return masks.map(({ name, start, size, inBox }, index) => ({
    ...unplacedRegion(index, name),
    placement: { start, size, mask: inBox },
  }));
}

export function unplacedRegion(index: number, name: string): Part {
  return { index, id: index, name: `roi-${name}`, label: name };
}
