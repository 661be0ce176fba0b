import { elementAt, elementCount, VoxplainError } from "@voxplain/core";
import { checkSize } from "../option-range.ts";
import { perAxis } from "../regions.ts";

/** Size and steps of windows over an image. */
export interface WindowOptions {
  /** Edge of the window, for all spatial axes or for each; default 16 voxels. */
  readonly window?: number | readonly number[];
  /** Between windows, no more than the window; default half of it. */
  readonly stride?: number | readonly number[] | undefined;
  /** What window and stride are counted in; millimetres need `voxelSize`. Default "voxels". */
  readonly unit?: "voxels" | "mm";
  /** Millimetres between voxels along each spatial axis. */
  readonly voxelSize?: readonly number[] | undefined;
}

/** A longer list would take more memory than an image, and far too many passes. */
const mostWindows = 2 ** 20;

/** Bounds of a window: from `start` to before `end` along each spatial axis. */
export interface Box {
  readonly start: readonly number[];
  readonly end: readonly number[];
}

/** @throws VoxplainError `invalid-argument` for lengths that are not above 0, or mm without voxel size. */
export function checkWindows({ window = 16, stride, unit = "voxels", voxelSize }: WindowOptions): void {
  for (const [name, values] of Object.entries({ window, stride, voxelSize })) {
    for (const value of typeof values === "number" ? [values] : (values ?? [])) {
      checkSize(name, value, "positive");
      if (name !== "voxelSize" && unit === "voxels" && !Number.isInteger(value)) {
        throw new VoxplainError("invalid-argument", `${name} must be whole voxels`, { found: `${value}` });
      }
    }
  }
  if (unit === "mm" && voxelSize === undefined) {
    throw new VoxplainError(
      "invalid-argument",
      "a window in mm needs the size of a voxel, which is unknown",
      {
        hint: "name an image on the same grid that has an affine (--nifti_template_path), or give the window in voxels",
      },
    );
  }
}

/**
 * The windows that cover a grid, last axis fastest. They begin at multiples of the stride; the last along an axis
 * reaches the end and is cut there.
 * @throws VoxplainError `invalid-argument` when strides leave gaps or windows are too many; `mismatch` for another number of axes.
 */
export function windowsOver(spatial: readonly number[], options: WindowOptions): Box[] {
  const { window = 16, unit = "voxels", voxelSize } = options;
  const sizes = unit === "mm" && voxelSize ? perAxis("voxelSize", voxelSize, spatial) : spatial.map(() => 1);
  const voxels = (name: string, lengths: number | readonly number[]) =>
    perAxis(name, lengths, spatial).map((length, axis) =>
      Math.max(1, Math.round(length / elementAt(sizes, axis))),
    );
  const edges = voxels("window", window);
  const strides =
    options.stride === undefined
      ? edges.map((edge) => Math.ceil(edge / 2))
      : voxels("stride", options.stride);
  const gap = strides.findIndex((stride, axis) => stride > elementAt(edges, axis));
  if (gap >= 0) {
    throw new VoxplainError("invalid-argument", "the stride leaves gaps between windows", {
      expected: `at most ${edges[gap]} voxels`,
      found: `${strides[gap]}`,
    });
  }
  const axes = spatial.map((length, axis) => {
    const [edge, stride] = [elementAt(edges, axis), elementAt(strides, axis)];
    return { length, edge, stride, count: 1 + Math.max(0, Math.ceil((length - edge) / stride)) };
  });
  const counts = axes.map(({ count }) => count);
  if (elementCount(counts) > mostWindows) {
    throw new VoxplainError("invalid-argument", "too many windows, each of which takes a pass", {
      expected: `at most ${mostWindows}`,
      found: `${elementCount(counts)}`,
      hint: "take a larger stride",
    });
  }
  return axes.reduce<Box[]>(
    (boxes, { length, edge, stride, count }) =>
      boxes.flatMap(({ start, end }) =>
        Array.from({ length: count }, (_, k) => {
          const from = k * stride;
          return { start: [...start, from], end: [...end, Math.min(from + edge, length)] };
        }),
      ),
    [{ start: [], end: [] }],
  );
}

/** Visits the runs of neighbouring voxels of a box: begin and length in the row-major grid. */
export function eachRun(
  { start, end }: Box,
  spatial: readonly number[],
  visit: (at: number, length: number) => void,
): void {
  const last = spatial.length - 1;
  const walk = (axis: number, offset: number): void => {
    const [from, to] = [elementAt(start, axis), elementAt(end, axis)];
    const before = offset * elementAt(spatial, axis);
    if (axis === last) visit(before + from, to - from);
    else for (let k = from; k < to; k++) walk(axis + 1, before + k);
  };
  walk(0, 0);
}
