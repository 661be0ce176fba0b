import {
  type Affine,
  type CapsImages,
  errorAt,
  type FileSource,
  isVoxplainError,
  readFile,
  VoxplainError,
  voxelAt,
} from "@voxplain/core";
import { checkCompanion, type ImageGrid } from "../grids/compare-grids.ts";
import { reductionOf } from "../transforms/size-reduction.ts";
import { type NiftiImage, readVolumes } from "../volumes/nifti.ts";
import { cutBox } from "./cut.ts";
import { findMask, type MaskUse } from "./find-mask.ts";
import type { Part } from "./part.ts";
import type { RegionShape } from "./region-shape.ts";
import type { PartSettings } from "./settings.ts";

/** A mask of a CAPS: the voxels of a region on the template's grid. */
export interface RegionMask {
  readonly name: string;
  /** For messages. */
  readonly file: string;
  readonly grid: Triple;
  /** Voxel indices to mm; undefined where its header gives no position. */
  readonly affine?: Affine;
  /** Sentences about its header. */
  readonly warnings: readonly string[];
  /** The smallest box around the region. */
  readonly start: Triple;
  readonly size: Triple;
  /** Row-major over the box: 1 in the region. */
  readonly inBox: Uint8Array;
  /**
   * Along each axis the rows of the box in which the region has a voxel. A cropped region is made of
   * these: of a region in two pieces the empty rows between them are cut out, too.
   */
  readonly rows: readonly [Rows, Rows, Rows];
}

type Triple = readonly [number, number, number];

/** Along the last axis of a mask of four axes. */
const mostPlanes = 1024;
/** At least one, ascending. */
type Rows = readonly number[];

/**
 * Reads the masks of regions, in the order of the names; undefined where the CAPS has one of them not.
 * @throws VoxplainError `invalid-file` naming the file when a mask is empty, has other values than 0 and 1, or a broken affine.
 */
export async function readRegionMasks(
  caps: FileSource,
  images: CapsImages,
  names: readonly string[],
  use: MaskUse,
): Promise<readonly RegionMask[] | undefined> {
  const masks: RegionMask[] = [];
  for (const name of names) {
    const path = await findMask(caps, images, name, use);
    if (path === undefined) return undefined;
    const file = `${caps.name}/${path}`;
    const image = await readMaskFile(await readFile(caps, path), file);
    if (image.affineError !== undefined)
      throw new VoxplainError("invalid-file", `${image.affineError}; correct its header`);
    masks.push(regionMask(name, file, image));
  }
  return masks;
}

/** A mask of four axes has a first one of length 1, as tensors of images do. */
async function readMaskFile(bytes: Uint8Array, file: string): Promise<Omit<NiftiImage, "notANumber">> {
  const { volumes, ...image } = await readVolumes(bytes, file, mostPlanes);
  if (volumes === 1) return image;
  const [first, x, y] = image.shape;
  if (first !== 1) {
    throw new VoxplainError("unsupported", "the mask has several volumes", {
      file,
      expected: "[X, Y, Z] or [1, X, Y, Z]",
      found: `[${[...image.shape, volumes].join(", ")}]`,
    });
  }
  // The last axis comes first in memory, as that of the volumes.
  const data = new Float32Array(image.data.length);
  for (let z = 0, from = 0; z < volumes; z++) {
    for (let row = 0; row < x * y; row++, from++) data[row * volumes + z] = image.data[from]!;
  }
  const warnings = [`${file} has a first axis of length 1: where its voxels are is not known`];
  return { data, shape: [x, y, volumes], warnings };
}

function regionMask(
  name: string,
  file: string,
  { data, shape: grid, affine, warnings }: Omit<NiftiImage, "notANumber">,
): RegionMask {
  const [gridX, gridY, gridZ] = grid;
  const flagged = [new Uint8Array(gridX), new Uint8Array(gridY), new Uint8Array(gridZ)] as const;
  const [inX, inY, inZ] = flagged;
  for (let k = 0; k < data.length; k++) {
    const value = data[k];
    if (value === 0) continue;
    if (value !== 1) {
      throw new VoxplainError("invalid-file", "not a mask", {
        file,
        expected: "voxels of 0 and 1",
        found: `${value}`,
      });
    }
    const [x, y, z] = voxelAt(k, grid);
    inX[x] = 1;
    inY[y] = 1;
    inZ[z] = 1;
  }
  const [alongX, alongY, alongZ] = [spanOf(inX), spanOf(inY), spanOf(inZ)];
  if (alongX === undefined || alongY === undefined || alongZ === undefined) {
    throw new VoxplainError("invalid-file", "the mask is empty: no voxel of it is 1", { file });
  }
  const start = [alongX.start, alongY.start, alongZ.start] as const;
  const size = [alongX.size, alongY.size, alongZ.size] as const;
  const inBox = Uint8Array.from(cutBox(data, grid, start, size));
  const rows = [alongX.rows, alongY.rows, alongZ.rows] as const;
  return { name, file, grid, ...(affine && { affine }), warnings, start, size, inBox, rows };
}

/** From the first row with a voxel to the last; undefined where there is none. */
function spanOf(flags: Uint8Array) {
  const start = flags.indexOf(1);
  if (start < 0) return undefined;
  const size = flags.lastIndexOf(1) - start + 1;
  const rows = Array.from({ length: size }, (_, row) => row).filter((row) => flags[start + row] === 1);
  return { start, size, rows };
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

/**
 * The shapes of the inputs that masks make.
 * @throws VoxplainError `mismatch` naming the region that size reduction leaves nothing of.
 */
export function regionShapes(masks: readonly RegionMask[], settings: PartSettings): readonly RegionShape[] {
  if (settings.mode !== "roi") return [];
  return masks.map((mask) => {
    const grid = settings.uncropped ? mask.grid : mask.rows.map(({ length }) => length);
    try {
      const size = settings.sizeReduction ? reductionOf(grid, settings.sizeReduction).size : grid;
      const { start, size: box, inBox } = mask;
      return { name: mask.name, dims: [1, ...size], mask: { start, size: box, inBox } };
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      throw errorAt(error, { file: mask.file });
    }
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
