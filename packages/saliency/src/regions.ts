import { elementAt, elementCount, rowMajorStrides, VoxplainError } from "@voxplain/core";
import type { LabelVolume } from "./method-options.ts";
import { checkWhole } from "./option-range.ts";

/** A label volume, or the edge of the cells of a regular grid in voxels: one number, or one for each spatial axis. */
export type Regions = LabelVolume | number | readonly number[];

/** The voxels of an input's spatial grid by region. */
export interface RegionIndex {
  /** The labels in ascending order; of a grid, 1 to the number of cells. */
  readonly labels: readonly number[];
  /** Position in `labels` of each voxel's region, −1 in the background. */
  readonly regionOf: Int32Array;
}

/** The options of regions in a table of options. */
export const regionOptions = {
  labels: { kind: "labels", doc: "a volume of labels on the image's grid; 0 is left as it is" },
  cell: {
    kind: "numbers",
    default: [16],
    unit: "voxels",
    doc: "without labels: the edge of the cells of a regular grid",
  },
} as const;

/** @throws VoxplainError `invalid-argument` for cells that are not whole numbers of at least 1. */
export function checkRegions(regions: Regions): void {
  if (typeof regions === "object" && "dims" in regions) return;
  for (const edge of typeof regions === "number" ? [regions] : regions)
    checkWhole("the edge of a cell", edge, 1);
}

/**
 * @throws VoxplainError `mismatch` for labels on another grid or edges for another number of axes;
 * `invalid-argument` for labels that are not whole numbers, or are all 0.
 */
export function indexRegions(regions: Regions, spatial: readonly number[]): RegionIndex {
  return typeof regions === "object" && "dims" in regions
    ? indexLabels(regions, spatial)
    : indexGrid(perAxis("cell", regions, spatial), spatial);
}

function indexLabels({ dims, data }: LabelVolume, spatial: readonly number[]): RegionIndex {
  if (dims.filter((length) => length !== 1).join() !== spatial.filter((length) => length !== 1).join()) {
    throw new VoxplainError("mismatch", "the labels are on another grid than the image", {
      expected: `[${spatial.join(", ")}]`,
      found: `[${dims.join(", ")}]`,
    });
  }
  const distinct = new Set<number>(data);
  distinct.delete(0);
  const labels = [...distinct].sort((a, b) => a - b);
  const fraction = labels.find((label) => !Number.isSafeInteger(label));
  if (fraction !== undefined) {
    throw new VoxplainError("invalid-argument", "the labels must be whole numbers", {
      found: `${fraction}`,
      hint: "was the volume interpolated?",
    });
  }
  if (labels.length === 0) {
    throw new VoxplainError("invalid-argument", "there is no region in the labels: all are 0");
  }
  const positions = new Map(labels.map((label, position) => [label, position]));
  return { labels, regionOf: Int32Array.from(data, (label) => positions.get(label) ?? -1) };
}

function indexGrid(edges: readonly number[], spatial: readonly number[]): RegionIndex {
  const cells = spatial.map((length, axis) => Math.ceil(length / elementAt(edges, axis)));
  const strides = rowMajorStrides(spatial);
  const cellStrides = rowMajorStrides(cells);
  const axes = spatial.map((length, axis) => ({
    length,
    ...{ stride: elementAt(strides, axis), edge: elementAt(edges, axis) },
    cellStride: elementAt(cellStrides, axis),
  }));
  const regionOf = new Int32Array(elementCount(spatial)).map((_, voxel) =>
    axes.reduce((cell, { length, stride, edge, cellStride }) => {
      const position = Math.floor(voxel / stride) % length;
      return cell + Math.floor(position / edge) * cellStride;
    }, 0),
  );
  return { labels: Array.from({ length: elementCount(cells) }, (_, cell) => cell + 1), regionOf };
}

/**
 * One value for each spatial axis.
 * @throws VoxplainError `mismatch` for another number of values.
 */
export function perAxis(
  name: string,
  values: number | readonly number[],
  spatial: readonly number[],
): number[] {
  const all = typeof values === "number" ? [values] : values;
  const [first] = all;
  if (first !== undefined && all.length === 1) return spatial.map(() => first);
  if (all.length === spatial.length) return [...all];
  throw new VoxplainError("mismatch", `${name} needs one value, or one for each spatial axis`, {
    expected: `1 or ${spatial.length} values`,
    found: `${all.length}`,
  });
}
