import type { ImageGrid } from "@voxplain/caps-io";
import { isVoxplainError, VoxplainError } from "@voxplain/core";
import type { Model, NetworkChoice } from "../model/model.ts";

/**
 * The grids of whole images of a CAPS; those of another shape than a network states, or than its weights fit, have a
 * `problem`.
 * @param network - One that the images are for; undefined where none could be chosen.
 * @throws VoxplainError `mismatch` where its weights fit none of the images.
 */
export async function withFittingShapes(
  model: Model,
  network: NetworkChoice | undefined,
  grids: readonly ImageGrid[],
): Promise<readonly ImageGrid[]> {
  const { parts, input } = model;
  if (network === undefined || parts.mode !== "image" || input.preparation.kind !== "caps") return grids;
  const [, ...stated] = (await model.statedInput(network)) ?? [];
  const dimsOf = ({ channels = input.dims?.[0] ?? 1, shape }: ImageGrid) => shape && [channels, ...shape];
  const all = new Map<string, readonly number[]>();
  for (const grid of grids) {
    const dims = dimsOf(grid);
    if (dims !== undefined && grid.problem === undefined) all.set(dims.join(), dims);
  }
  const problems = new Map<string, VoxplainError>();
  const misfits: VoxplainError[] = [];
  for (const [key, inputDims] of all) {
    const other = otherShape(inputDims.slice(1), stated);
    const problem = other ?? (await misfit(model, network, inputDims));
    if (problem !== undefined) problems.set(key, problem);
    if (problem !== undefined && other === undefined) misfits.push(problem);
  }
  // It is the network then.
  const [first] = misfits;
  if (first !== undefined && misfits.length === all.size) throw first;
  return grids.map((grid) => {
    const problem = problems.get(dimsOf(grid)?.join() ?? "");
    return grid.problem !== undefined || problem === undefined ? grid : { ...grid, problem };
  });
}

function otherShape(shape: readonly number[], stated: readonly (number | null)[]): VoxplainError | undefined {
  if (stated.length === 0) return undefined;
  const isThat =
    stated.length === shape.length && shape.every((length, axis) => (stated[axis] ?? length) === length);
  if (isThat) return undefined;
  return new VoxplainError("mismatch", "the network takes inputs of another shape than the image makes", {
    expected: stated.map((length) => length ?? "any").join(" × "),
    found: shape.join(" × "),
  });
}

async function misfit(
  model: Model,
  network: NetworkChoice,
  inputDims: readonly number[],
): Promise<VoxplainError | undefined> {
  try {
    await model.load(network, { inputDims, part: 0 });
    return undefined;
  } catch (error) {
    // Whatever else is wrong with it is found where each network is checked.
    return isVoxplainError(error, "mismatch") ? error : undefined;
  }
}
