import { type Affine, closestAxes, stepAlong, type Volume, type Voxel, voxelSizes } from "@voxplain/core";

const axes = [0, 1, 2] as const;
type Axis = (typeof axes)[number];

/** One side of a picture: a voxel axis, and how it runs across it. */
export interface ViewAxis {
  readonly axis: Axis;
  readonly voxels: number;
  /** Distance of neighbouring voxels, mm. */
  readonly spacing: number;
  /** True where the first voxel stands at the right or the bottom end. */
  readonly reversed: boolean;
}

/** A plane of voxels through a point, and its orientation in the picture. */
export interface PlaneView {
  readonly name: "sagittal" | "coronal" | "axial";
  /** The axis that goes through the plane, and where it is cut. */
  readonly across: { readonly axis: Axis; readonly index: number };
  /** From left to right. */
  readonly horizontal: ViewAxis;
  /** From top to bottom: `reversed` is seen from the top. */
  readonly vertical: ViewAxis;
  /** Directions at the edges: L R, A P, S I. */
  readonly letters: {
    readonly left: string;
    readonly right: string;
    readonly top: string;
    readonly bottom: string;
  };
}

/** World axes (0 right, 1 anterior, 2 superior): cut across, left to right, bottom to top. */
const layouts = [
  { name: "sagittal", across: 0, rightwards: 1, upwards: 2 },
  { name: "coronal", across: 1, rightwards: 0, upwards: 2 },
  { name: "axial", across: 2, rightwards: 0, upwards: 1 },
] as const;
const letters = [
  ["L", "R"],
  ["P", "A"],
  ["I", "S"],
] as const;

/**
 * The three planes of voxels through a voxel, in the neurological convention: the patient's left on the left,
 * the front on the right (sagittal) or on top (axial), the head on top. Whatever the order and the directions of
 * the volume's axes, each is shown along the world axis it is closest to.
 */
export function planeViews(
  { shape, affine }: Pick<Volume, "shape" | "affine">,
  voxel: Voxel,
): readonly [PlaneView, PlaneView, PlaneView] {
  const closest = closestAxes(affine);
  const spacings = voxelSizes(affine);
  const along = (world: Axis, reversedSign: 1 | -1): ViewAxis => {
    const axis = axes.find((one) => closest[one].world === world) ?? world;
    const { sign } = closest[axis];
    return { axis, voxels: shape[axis], spacing: spacings[axis], reversed: sign === reversedSign };
  };
  const view = ({ name, across, rightwards, upwards }: (typeof layouts)[number]): PlaneView => {
    const { axis } = along(across, -1);
    const [left, right] = letters[rightwards];
    const [bottom, top] = letters[upwards];
    return {
      name,
      across: { axis, index: voxel[axis] },
      horizontal: along(rightwards, -1),
      vertical: along(upwards, 1),
      letters: { left, right, top, bottom },
    };
  };
  return [view(layouts[0]), view(layouts[1]), view(layouts[2])];
}

/** Where the middle of a voxel stands along a side of the picture, from 0 (left or top) to 1. */
export function positionOf(index: number, { voxels, reversed }: ViewAxis): number {
  const position = (index + 0.5) / voxels;
  return reversed ? 1 - position : position;
}

/** Largest angle, in degrees, between a voxel axis and the world axis it is shown along. */
export function obliqueness(affine: Affine): number {
  const closest = closestAxes(affine);
  const angles = axes.map((axis) => {
    const step = stepAlong(affine, axis);
    const cosine = Math.abs(step[closest[axis].world]) / Math.hypot(...step);
    return (Math.acos(Math.min(cosine, 1)) * 180) / Math.PI;
  });
  return Math.max(...angles);
}
