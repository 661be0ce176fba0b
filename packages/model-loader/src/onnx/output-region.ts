import { elementCount, tensor, VoxplainError } from "@voxplain/core";
import type { Dim, GraphBuilder } from "@voxplain/onnx-graph";

/** A mask on the grid of the network's input: where the logits of a dense output count. */
export interface RegionMask {
  /** The file, for messages. */
  readonly name: string;
  /** Voxels along each spatial axis: [X, Y, Z] or [H, W]. */
  readonly dims: readonly number[];
  /** Row-major: 1 inside, 0 outside. */
  readonly inside: Uint8Array;
}

/** The positions of a dense output, such as a class for every voxel, over which the mean of each class's logit is taken. */
export type OutputRegion =
  /** All of them. */
  | "grid"
  | {
      /** Those of a mask. */
      readonly mask: RegionMask;
    }
  | {
      /** A single one: an index along each spatial axis, from 0. */
      readonly voxel: readonly number[];
    };

/**
 * The mean of [batch, classes, ...grid] over the positions of a region, as [batch, classes, …] with axes of length 1.
 * @param positions - The lengths of the grid.
 * @param spatial - The lengths of the image's spatial axes: a mask and a voxel are on this grid.
 * @throws VoxplainError `mismatch` where the grid of the output is not that of the image, or the mask's is another;
 * `invalid-argument` for a mask without voxels and a voxel outside.
 */
export function meanOverRegion(
  builder: GraphBuilder,
  value: string,
  positions: readonly Dim[],
  spatial: readonly number[],
  region: OutputRegion,
): string {
  if (region === "grid") return builder.add("GlobalAveragePool", [value]);
  checkGrid(positions, spatial, "mask" in region ? region.mask.name : "the target voxel");
  const axes = spatial.map((_, axis) => axis + 2);
  if ("voxel" in region) {
    const { voxel } = region;
    checkVoxel(voxel, spatial);
    const bounds = [voxel, voxel.map((at) => at + 1), axes];
    return builder.add("Slice", [value, ...bounds.map((numbers) => builder.int64(numbers))]);
  }
  const { mask } = region;
  const count = checkMask(mask, spatial);
  const inside = builder.constant(tensor("float32", [1, 1, ...spatial], Float32Array.from(mask.inside)));
  const sum = builder.add("ReduceSum", [builder.add("Mul", [value, inside]), builder.int64(axes)], {
    keepdims: 1,
  });
  return builder.add("Div", [sum, builder.scalar(count)]);
}

function checkGrid(positions: readonly Dim[], spatial: readonly number[], what: string): void {
  if (positions.join() === spatial.join()) return;
  throw new VoxplainError(
    "mismatch",
    `${what} is on the grid of the image, and the output of the network has another grid`,
    {
      expected: `[${spatial.join(", ")}]`,
      found: `[${positions.map((dim) => dim ?? "?").join(", ")}]`,
      hint: "explain the mean over all positions, or one value of the output by an index for each of its axes (--target)",
    },
  );
}

function checkVoxel(voxel: readonly number[], spatial: readonly number[]): void {
  const isInside =
    voxel.length === spatial.length &&
    spatial.every((length, axis) => {
      const at = voxel[axis] ?? -1;
      return Number.isSafeInteger(at) && at >= 0 && at < length;
    });
  if (isInside) return;
  throw new VoxplainError("invalid-argument", "the target voxel is outside the image", {
    expected: `an index for each of ${spatial.length} axes, at most ${spatial.map((length) => length - 1).join(",")}`,
    found: voxel.join(","),
  });
}

/** @returns How many voxels it has. */
function checkMask({ name, dims, inside }: RegionMask, spatial: readonly number[]): number {
  if (dims.join() !== spatial.join()) {
    throw new VoxplainError("mismatch", "the target mask is on another grid than the input of the network", {
      file: name,
      expected: `[${spatial.join(", ")}]`,
      found: `[${dims.join(", ")}]`,
    });
  }
  if (inside.length !== elementCount(dims)) throw new RangeError("a mask has a value for each voxel");
  let count = 0;
  for (const value of inside) count += value;
  if (count > 0) return count;
  throw new VoxplainError("invalid-argument", "the target mask has no voxel", { file: name });
}

/**
 * @param reason - Why there are no positions to choose among.
 * @throws VoxplainError `invalid-argument` for a mask and a voxel.
 */
export function refuseRegion(region: OutputRegion, reason: string): void {
  if (region === "grid") return;
  const what = "mask" in region ? "a target mask" : "a target voxel";
  throw new VoxplainError(
    "invalid-argument",
    `${what} chooses among the positions of a dense output, and ${reason}`,
    { ...("mask" in region && { file: region.mask.name }), hint: "leave it out" },
  );
}
