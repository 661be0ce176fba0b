import type { Niivue, NVImage } from "@niivue/niivue";
import { nextTask, type Volume } from "@voxplain/core";
import { rangeOf } from "./geometry.ts";
import { greyRange } from "./intensity-range.ts";

type ImageKind = typeof NVImage;

/** A volume as NiiVue draws it. */
export type VolumeImage = Niivue["volumes"][number];

/** Codes of NIfTI for the type of voxels. */
const [int16, float32] = [4, 16] as const;

/** Planes that are copied before the page may answer its user. */
const planesAtOnce = 16;

/** Six parameters as they are by default. */
const six = [undefined, undefined, undefined, undefined, undefined, undefined] as const;

/**
 * The map for NiiVue; its values are multiplied by a factor, and 0 where they are not finite.
 * @param colormap - A scale that NiiVue knows.
 */
export async function mapImage(
  kind: ImageKind,
  map: Volume,
  factor: number,
  colormap: string,
): Promise<VolumeImage> {
  const values = new Float32Array(map.data.length);
  await copied(map, values, (value) => (Number.isFinite(value) ? factor * value : 0));
  const header = headerOf(kind, map, float32);
  return imageOf(kind, header, values, { name: "map", colormap, range: [0, 1] });
}

/** The anatomy for NiiVue, in half the memory: it is drawn in 256 greys, and whole numbers of 16 bits are 256 times as fine. */
export async function anatomyImage(kind: ImageKind, anatomy: Volume): Promise<VolumeImage> {
  const { least: low, most: high } = rangeOf(anatomy.data);
  const step = high > low && Number.isFinite(high - low) ? (high - low) / steps : 1;
  const values = new Int16Array(anatomy.data.length);
  const stored = (value: number) => Math.round((value - low) / step) - steps / 2;
  await copied(anatomy, values, (value) => stored(Number.isFinite(value) ? value : low));
  const header = headerOf(kind, anatomy, int16);
  header.scl_slope = step;
  header.scl_inter = low + (steps / 2) * step;
  return imageOf(kind, header, values, {
    ...{ name: "anatomy", colormap: "gray", range: greyRange(anatomy.data) },
  });
}

/** From the smallest to the largest value. */
const steps = 65_534;

type Header = ReturnType<ImageKind["createNiftiHeader"]>;

function headerOf(kind: ImageKind, { shape, affine }: Volume, type: number): Header {
  const spacing = [0, 1, 2].map((axis) => Math.hypot(...affine.slice(0, 3).map((row) => row[axis]!)));
  return kind.createNiftiHeader([...shape], spacing, affine.flat(), type);
}

/** NiiVue draws the very array that is given here: what it reads from a file, it copies three times. */
async function imageOf(
  kind: ImageKind,
  header: Header,
  { buffer }: Float32Array | Int16Array,
  look: { readonly name: string; readonly colormap: string; readonly range: readonly [number, number] },
): Promise<VolumeImage> {
  const image = new kind();
  image.hdr = header;
  const { name, colormap, range } = look;
  const [from, to] = range;
  // NiiVue sorts all values for what is known here.
  image.calMinMax = () => {
    Object.assign(image, { cal_min: from, cal_max: to, robust_min: from, robust_max: to });
    Object.assign(image, { global_min: from, global_max: to });
    return [from, to, from, to];
  };
  image.init(buffer, name, colormap, 1, null, ...six, ...six, undefined, undefined, buffer);
  await nextTask();
  return image;
}

/** The values with the first axis as the fastest, as NIfTI and NiiVue have them. */
async function copied(
  { data, shape }: Volume,
  into: Float32Array | Int16Array,
  change: (value: number) => number,
): Promise<void> {
  const [width, height, depth] = shape;
  for (let first = 0; first < depth; first += planesAtOnce) {
    const last = Math.min(depth, first + planesAtOnce);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < height; j++) {
        for (let k = first; k < last; k++)
          into[(k * height + j) * width + i] = change(data[(i * height + j) * depth + k]!);
      }
    }
    await nextTask();
  }
}
