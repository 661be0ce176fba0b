import { closestAxes, type Volume, type Voxel, voxelSizes } from "@voxplain/core";
import { colourAt, colourMaps } from "./colour-maps.ts";
import { type Display, opacityAt } from "./display.ts";
import { planeOfFlat } from "./geometry.ts";
import { greyRange } from "./intensity-range.ts";
import type { Plane } from "./plane-layout.ts";

/** One plane of a map and of its anatomy: rows from the top, the left of the brain at the left. */
export interface Thumbnail {
  readonly plane: Plane;
  readonly width: number;
  readonly height: number;
  /** Millimetres along the width and height of a voxel. */
  readonly spacing: readonly [number, number];
  readonly map: Float32Array;
  /** 0 to 255. */
  readonly anatomy: Uint8ClampedArray;
}

/** Axes of the world along the width and height of a plane, and across it. */
const axesOf = { axial: [0, 1, 2], coronal: [0, 2, 1], sagittal: [1, 2, 0] } as const;

/** The planes of a map through a voxel; of a picture, its own. */
export function thumbnailsOf(map: Volume, anatomy: Volume, at: Voxel): readonly Thumbnail[] {
  const flat = planeOfFlat(map);
  const planes: readonly Plane[] = flat === undefined ? ["axial", "coronal", "sagittal"] : [flat];
  return planes.map((plane) => thumbnailOf(plane, map, anatomy, at));
}

function thumbnailOf(plane: Plane, map: Volume, anatomy: Volume, at: Voxel): Thumbnail {
  const [across, up] = axesOf[plane];
  const axes = closestAxes(map.affine);
  const voxelAxis = (world: number) => ([0, 1, 2] as const).find((axis) => axes[axis].world === world) ?? 0;
  const [right, top] = [voxelAxis(across), voxelAxis(up)];
  const [width, height] = [map.shape[right], map.shape[top]];
  const values = new Float32Array(width * height);
  const greys = new Uint8ClampedArray(width * height);
  const [black, white] = greyRange(anatomy.data);
  const strides = [map.shape[1] * map.shape[2], map.shape[2], 1] as const;
  const start = at.reduce<number>(
    (sum, index, axis) => sum + (axis === right || axis === top ? 0 : index * (strides[axis] ?? 0)),
    0,
  );
  for (let row = 0; row < height; row++) {
    const j = axes[top].sign > 0 ? height - 1 - row : row;
    for (let column = 0; column < width; column++) {
      const i = axes[right].sign > 0 ? column : width - 1 - column;
      const from = start + i * strides[right] + j * strides[top];
      values[row * width + column] = map.data[from] ?? 0;
      greys[row * width + column] = (255 * ((anatomy.data[from] ?? 0) - black)) / (white - black);
    }
  }
  const sizes = voxelSizes(map.affine);
  return { plane, width, height, spacing: [sizes[right], sizes[top]], map: values, anatomy: greys };
}

/** Pixels of a thumbnail, in the colours of the display. @param limit - Where they end. */
export function thumbnailPixels(
  { plane, width, height, map, anatomy }: Thumbnail,
  limit: number,
  display: Display,
): ImageData {
  const image = new ImageData(width, height);
  const { positive, negative } = colourMaps[display.colours];
  const mirrored = display.radiological && plane !== "sagittal";
  for (let at = 0; at < map.length; at++) {
    const value = map[at] ?? 0;
    const share = Math.abs(value) / limit;
    const opacity = opacityAt(share, display);
    const grey = anatomy[at] ?? 0;
    const colours = value < 0 && !display.absolute ? negative : positive;
    const rgb = opacity > 0 ? colourAt(colours, share) : ([grey, grey, grey] as const);
    const column = at % width;
    const to = 4 * (at - column + (mirrored ? width - 1 - column : column));
    for (const channel of [0, 1, 2] as const) {
      image.data[to + channel] = grey + (rgb[channel] - grey) * opacity;
    }
    image.data[to + 3] = 255;
  }
  return image;
}
