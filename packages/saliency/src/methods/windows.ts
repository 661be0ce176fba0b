import { elementCount, VoxplainError } from "@voxplain/core";
import { checkSize } from "../option-range.ts";
import { perAxis } from "../regions.ts";

/** How windows lie over an image. */
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

/** Their list would take more memory than an image; nobody waits for so many passes. */
const mostWindows = 2 ** 20;

/** Where a window lies: from `start` to before `end` along each spatial axis. */
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
        throw new VoxplainError("invalid-argument", `${name} must be whole voxels, not ${value}`);
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
    perAxis(name, lengths, spatial).map((length, axis) => Math.max(1, Math.round(length / sizes[axis]!)));
  const edges = voxels("window", window);
  const strides =
    options.stride === undefined
      ? edges.map((edge) => Math.ceil(edge / 2))
      : voxels("stride", options.stride);
  const gap = strides.findIndex((stride, axis) => stride > edges[axis]!);
  if (gap >= 0) {
    throw new VoxplainError(
      "invalid-argument",
      `the stride of ${strides[gap]} voxels leaves gaps between windows of ${edges[gap]} voxels`,
    );
  }
  const counts = spatial.map(
    (length, axis) => 1 + Math.max(0, Math.ceil((length - edges[axis]!) / strides[axis]!)),
  );
  if (elementCount(counts) > mostWindows) {
    throw new VoxplainError(
      "invalid-argument",
      `the windows are ${elementCount(counts)}, and each takes a pass through the network: take a larger stride`,
    );
  }
  return spatial.reduce<Box[]>(
    (boxes, length, axis) => {
      const count = counts[axis]!;
      return boxes.flatMap(({ start, end }) =>
        Array.from({ length: count }, (_, k) => {
          const from = k * strides[axis]!;
          return { start: [...start, from], end: [...end, Math.min(from + edges[axis]!, length)] };
        }),
      );
    },
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
    if (axis === last) {
      visit(offset * spatial[axis]! + start[axis]!, end[axis]! - start[axis]!);
      return;
    }
    for (let k = start[axis]!; k < end[axis]!; k++) walk(axis + 1, offset * spatial[axis]! + k);
  };
  walk(0, 0);
}
