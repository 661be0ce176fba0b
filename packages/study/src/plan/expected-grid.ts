import { countParts, type ImageGrid, reductionOf } from "@voxplain/caps-io";
import {
  type Affine,
  axisCodes,
  type CapsImages,
  isVoxplainError,
  knownPosition,
  preparedImages,
  VoxplainError,
  voxelSizes,
} from "@voxplain/core";
import type { Model, NetworkChoice } from "../model/model.ts";
import { pipelineOf } from "./pipeline-of.ts";

/** The grid of the images that a network was trained on, as far as anything says it. */
interface ExpectedGrid {
  /** Voxels along each axis; null where any number will do, undefined where that is not known. */
  readonly shape?: readonly (number | null)[] | undefined;
  /** The same before size reduction; undefined without it, and where the images of the training are not known. */
  readonly stored?: readonly number[] | undefined;
  /** Millimetres between voxels along each axis. */
  readonly voxelSize?: number | undefined;
  /** "RAS"; undefined where only the order of the axes is known, and not where each begins. */
  readonly directions?: string | undefined;
}

/** Where images are, and where what cannot be checked is said. */
interface GridPlaces {
  readonly fileOf: (index: number) => string | undefined;
  readonly warn?: (warning: string) => void;
}

/**
 * The grids of images that may be of any pipeline; those on another grid than the images of a network's training have a
 * `problem`, with both grids and the command that makes such images.
 * @param network - One that the images are for; undefined where none could be chosen.
 * @param at.fileOf - The file of an image, by its index.
 * @param at.warn - Is called with what cannot be checked.
 */
export async function onExpectedGrid(
  model: Model,
  network: NetworkChoice | undefined,
  grids: readonly ImageGrid[],
  { fileOf, warn }: GridPlaces,
): Promise<readonly ImageGrid[]> {
  const { preparation } = model.input;
  // An ONNX file states its shape, and its images are compared with that where they are read.
  // Without a network the grid is unknown; the missing network is reported elsewhere.
  if (preparation.kind !== "caps" || network === undefined) return grids;
  const { directions, command } = pipelineOf(preparation.images);
  const shape = await expectedShape(model, network, grids);
  const { parts } = model;
  // The grid of a reduced image is that of the voxels that are left.
  const step = parts.mode === "image" ? (parts.sizeReduction ?? 1) : 1;
  const size = preparedImages(preparation.images).voxelSize;
  const usualSize = size && size * step;
  const stored = storedShape(preparation.images, parts, shape);
  const sharedSize =
    stored === undefined && isResampled(preparation.images, shape) ? sharedVoxelSize(grids) : undefined;
  const voxelSize = sharedSize ?? usualSize;
  if (usualSize !== undefined && sharedSize !== undefined && !isSize(sharedSize, usualSize)) {
    warn?.(otherSize(preparation.images, sharedSize, usualSize));
  }
  const expected: ExpectedGrid = { shape, stored, voxelSize, directions };
  return grids.map((grid, index): ImageGrid => {
    if (grid.problem !== undefined || fits(grid, expected)) return grid;
    const problem = new VoxplainError("mismatch", "the image is on another grid than those of the training", {
      ...{ session: grid.name, file: fileOf(index) },
      ...{ expected: gridText(expected, step), found: textOf(grid, expected) },
      hint:
        command === undefined ? undefined : `make such images with ${command}, and give those that it writes`,
    });
    return { ...grid, problem };
  });
}

function fits({ shape, affine, reduction }: ImageGrid, expected: ExpectedGrid): boolean {
  const wanted = expected.shape;
  const { stored } = expected;
  if (reduction !== undefined && stored !== undefined && reduction.from.join() !== stored.join())
    return false;
  if (shape !== undefined && wanted !== undefined) {
    if (shape.length !== wanted.length) return false;
    if (!shape.every((length, axis) => (wanted[axis] ?? length) === length)) return false;
  }
  const position = knownPosition(affine);
  if (position === undefined || (shape ?? wanted)?.length === 2) return true;
  return hasVoxelSize(position, expected.voxelSize) && hasDirections(position, expected.directions);
}

/**
 * What the pipeline makes, where that is what a network with size reduction was trained on: the same voxels are left of images
 * of other sizes, at other places of the brain.
 */
function storedShape(
  images: CapsImages,
  parts: Model["parts"],
  shape: ExpectedGrid["shape"],
): readonly number[] | undefined {
  const usual = usualShape(images);
  if (parts.mode !== "image" || parts.sizeReduction === undefined || usual === undefined) return undefined;
  return reductionOf(usual, parts.sizeReduction).size.join() === shape?.join() ? usual : undefined;
}

/** Whether a MAPS states another shape than its pipeline makes: its training had images that somebody resampled. */
function isResampled(images: CapsImages, shape: ExpectedGrid["shape"]): boolean {
  return images.generation === "1.x" && shape !== undefined && shape.join() !== usualShape(images)?.join();
}

/** Millimetres between the voxels of all images along every axis; undefined where they differ, or none is known. */
function sharedVoxelSize(grids: readonly ImageGrid[]): number | undefined {
  const sizes = grids.flatMap(({ affine }) => {
    const position = knownPosition(affine);
    return position === undefined ? [] : voxelSizes(position);
  });
  const [size] = sizes;
  return size !== undefined && sizes.every((one) => isSize(one, size)) ? size : undefined;
}

function otherSize({ preprocessing }: CapsImages, found: number, usual: number): string {
  return (
    `the images have voxels of ${Number(found.toPrecision(4))} mm, and ${preprocessing} makes voxels of ${usual} mm: ` +
    "make sure that those of the training had that size too, which the model does not say"
  );
}

/** Headers hold float32, and programs round. */
const sizeTolerance = 0.01;

function hasVoxelSize(affine: Affine, size: number | undefined): boolean {
  return size === undefined || voxelSizes(affine).every((one) => isSize(one, size));
}

function isSize(one: number, size: number): boolean {
  return Math.abs(one - size) <= sizeTolerance * size;
}

function hasDirections(affine: Affine, directions: string | undefined): boolean {
  const codes = axisCodes(affine);
  return directions === undefined ? /^[LR][PA][IS]$/.test(codes) : codes === directions;
}

/** Different shapes that are tried with the weights, the most common first. */
const mostTried = 5;

/**
 * Voxels along each axis: what the ONNX file of the network or its training states, else the only shape of the images that
 * its weights fit, else what the pipeline makes.
 */
async function expectedShape(
  model: Model,
  network: NetworkChoice | undefined,
  grids: readonly ImageGrid[],
): Promise<readonly (number | null)[] | undefined> {
  const { preparation } = model.input;
  const usual = preparation.kind === "caps" ? usualShape(preparation.images) : undefined;
  if (model.parts.mode !== "image") return shapeOfParts(model, network, grids, usual);
  const stated = network && (await model.statedInput(network));
  if (stated?.some((length, axis) => axis > 0 && length !== null)) return stated.slice(1);
  const shapes = shapesByCount(grids);
  if (network === undefined || shapes.every((shape) => shape.join() === usual?.join())) return usual;
  if (usual !== undefined && (await isTaken(model, network, usual))) return usual;
  // Weights behind a pooling of the whole grid fit every shape: the most common one counts.
  for (const shape of shapes.slice(0, mostTried)) {
    if (await isTaken(model, network, shape)) return shape;
  }
  return usual;
}

/**
 * For networks of parts: the image decides how many patches or slices there are, and which is which. Images of the pipeline
 * are expected where they have as many as the training, though others may, too. Regions are where their masks are.
 */
function shapeOfParts(
  model: Model,
  network: NetworkChoice | undefined,
  grids: readonly ImageGrid[],
  usual: readonly number[] | undefined,
): readonly number[] | undefined {
  const { parts } = model;
  const count = (network && model.networkCount(network)) ?? model.partCount;
  const hasSameParts = (shape: readonly number[]) =>
    shape.length === 3 && count !== undefined && countParts(parts, shape) === count;
  if (parts.mode !== "roi" && usual !== undefined && hasSameParts(usual)) return usual;
  return shapesByCount(grids).find(hasSameParts) ?? usual;
}

async function isTaken(model: Model, network: NetworkChoice, shape: readonly number[]): Promise<boolean> {
  const channels = model.input.dims?.[0] ?? 1;
  try {
    await model.load(network, { inputDims: [channels, ...shape], part: 0 });
    return true;
  } catch (error) {
    if (isVoxplainError(error, "mismatch")) return false;
    throw error;
  }
}

/** What the pipeline makes. */
function usualShape(images: CapsImages): readonly number[] | undefined {
  return preparedImages(images).imageDims?.slice(1);
}

/** The shapes of the images, the most common first. */
function shapesByCount(grids: readonly ImageGrid[]): readonly (readonly number[])[] {
  const counts = new Map<string, { readonly shape: readonly number[]; count: number }>();
  for (const { shape, problem } of grids) {
    if (shape === undefined || problem !== undefined) continue;
    const key = shape.join();
    const entry = counts.get(key) ?? { shape, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  return [...counts.values()].sort((one, other) => other.count - one.count).map(({ shape }) => shape);
}

/** @param step - From one voxel to the next that size reduction leaves; 1 without it. */
function gridText({ shape, stored, voxelSize, directions }: ExpectedGrid, step: number): string {
  const lengths = `${(stored ?? shape)?.map((length) => length ?? "any").join("×")} voxels`;
  const size = voxelSize && (stored === undefined ? voxelSize : voxelSize / step);
  const isLeft = step > 1 && stored === undefined;
  return [
    (shape === undefined ? "an image" : lengths) +
      (size === undefined ? "" : ` of ${size} mm`) +
      (isLeft ? ` after the size reduction by ${step}` : ""),
    ...(shape?.length === 2
      ? []
      : [directions === undefined ? "axes in the order of RAS or LAS" : `axes ${directions}`]),
  ].join(", ");
}

/** The image as it is stored, where that is compared. */
function textOf({ shape, affine, reduction }: ImageGrid, { stored }: ExpectedGrid): string {
  const position = knownPosition(affine);
  const [named, step] =
    stored === undefined || reduction === undefined ? [shape, 1] : [reduction.from, reduction.step];
  const lengths = named === undefined ? "an image" : `${named.join("×")} voxels`;
  if (position === undefined) return lengths;
  const sizes = voxelSizes(position).map((size) => Number((size / step).toPrecision(4)));
  const size = new Set(sizes).size === 1 ? sizes[0] : sizes.join("×");
  return `${lengths} of ${size} mm, axes ${axisCodes(position)}`;
}
