import type { Niivue, NVImage } from "@niivue/niivue";
import type { Volume } from "@voxplain/core";

type ImageKind = typeof NVImage;

/** A volume as NiiVue draws it. */
export type VolumeImage = Niivue["volumes"][number];

/** How a volume is drawn. */
export interface VolumeLook {
  readonly name: string;
  readonly colormap: string;
  /** Where its colours begin and end; default: what NiiVue finds. */
  readonly range?: readonly [number, number];
}

const float32 = 16;

/** Planes that are copied before the page may answer its user. */
const planesAtOnce = 16;

/** Six parameters as they are by default. */
const six = [undefined, undefined, undefined, undefined, undefined, undefined] as const;

/**
 * The volume for NiiVue, whose first axis is the fastest; its values are multiplied by a factor, and 0 where they are not
 * finite. NiiVue draws the very array that is filled here: what it reads from a file, it copies three times.
 */
export async function volumeImage(
  kind: ImageKind,
  { data, shape, affine }: Volume,
  { name, colormap, range: [from, to] = [Number.NaN, Number.NaN] }: VolumeLook,
  factor = 1,
): Promise<VolumeImage> {
  const [width, height, depth] = shape;
  const spacing = [0, 1, 2].map((axis) => Math.hypot(...affine.slice(0, 3).map((row) => row[axis]!)));
  const values = new Float32Array(data.length);
  for (let first = 0; first < depth; first += planesAtOnce) {
    const last = Math.min(depth, first + planesAtOnce);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < height; j++) {
        for (let k = first; k < last; k++) {
          const value = factor * data[(i * height + j) * depth + k]!;
          values[(k * height + j) * width + i] = Number.isFinite(value) ? value : 0;
        }
      }
    }
    await nextTask();
  }
  const image = new kind();
  image.hdr = kind.createNiftiHeader([...shape], spacing, affine.flat(), float32);
  const voxels = values.buffer;
  image.init(voxels, name, colormap, 1, null, from, to, ...six, ...six, voxels);
  return image;
}

/** Lets the page answer its user. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
