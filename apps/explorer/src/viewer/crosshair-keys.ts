import { nearestVoxel, type Point, pointAt, type Volume } from "@voxplain/core";
import { planeOfFlat } from "./geometry.ts";
import type { Plane } from "./plane-layout.ts";

/** Towards what each key moves the crosshair, in the neurological convention: right, front, top. */
const directions: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0, 0],
  ArrowRight: [1, 0, 0],
  ArrowDown: [0, 0, -1],
  ArrowUp: [0, 0, 1],
  PageDown: [0, -1, 0],
  PageUp: [0, 1, 0],
};

/**
 * Where the key moves the crosshair, voxel by voxel.
 * @param steps - Voxels.
 * @param radiological - The left of the brain is at the right of the picture.
 * @returns undefined for keys that do not move it.
 */
export function placeAfterKey(
  volume: Volume,
  from: Point,
  key: string,
  { steps = 1, radiological = false } = {},
): Point | undefined {
  const given = directions[key];
  if (given === undefined) return undefined;
  const [x, y, z] = inPlane(given, planeOfFlat(volume));
  const direction = [radiological ? -x : x, y, z] as const;
  const { affine } = volume;
  const cosines = ([0, 1, 2] as const).map((axis) => {
    const along = affine.slice(0, 3).map((row) => row[axis]!);
    const dot = along.reduce((sum, length, k) => sum + length * direction[k]!, 0);
    return dot / Math.hypot(...along);
  });
  // For an oblique image, the axis nearest to the direction.
  const axis = cosines.reduce(
    (best, cosine, k) => (Math.abs(cosine) > Math.abs(cosines[best]!) ? k : best),
    0,
  );
  const to = nearestVoxel(volume, from).map((index, k) =>
    k === axis ? index + steps * Math.sign(cosines[axis]!) : index,
  );
  return pointAt(to.map((index, k) => clamp(index, volume.shape[k]!)) as unknown as Point, volume.affine);
}

/** A picture of one plane has no other slices: what is up and left on it is up and left. */
function inPlane([x, y, z]: Point, plane: Plane | undefined): Point {
  if (plane === "axial") return [x, y + z, 0];
  if (plane === "sagittal") return [0, x + y, z];
  return [x, y, z];
}

function clamp(index: number, length: number): number {
  return Math.min(length - 1, Math.max(0, index));
}
