import { nearestVoxel, type Point, type Volume, VoxplainError } from "@voxplain/core";
import { colourLimit } from "../colour-limit.ts";
import { drawOutlinedText, drawPixels, drawText, type Figure } from "./drawing.ts";
import { checkDrawn, pointOfInterest } from "./drawn-volume.ts";
import { paintOverlay } from "./overlay.ts";
import { windowOf } from "./plane-drawing.ts";
import { layOut, type Panel } from "./plane-layout.ts";
import { drawLetters } from "./plane-marks.ts";
import { type PlaneView, planeViews } from "./plane-views.ts";
import { resizeSlice, type Slice } from "./slices.ts";
import { drawSmallBar, smallFrame } from "./small-planes-figure.ts";
import { fullWindow, type GreyWindow } from "./windowing.ts";

/** A place that is marked in a picture. */
export interface MarkedPlace {
  /** In world space, in mm. */
  readonly at: Point;
  /** The text beside it. */
  readonly label: string;
}

/** How a glass brain is drawn. */
export interface GlassBrainOptions {
  /** On the grid of the map: its mean along the axis is below the map. */
  readonly anatomy?: Volume;
  /** Row-major, of the map's length: its silhouette is outlined. Default: where the anatomy is, else no outline. */
  readonly mask?: ArrayLike<number>;
  /** Places in mm that are marked, with the text of each mark. */
  readonly peaks?: readonly MarkedPlace[];
  /** End of the symmetric colour scale; default: the largest |value|. */
  readonly vmax?: number;
}

const head = 14;
const foot = 12;
const shortest = 150;
/** The anatomy is context: darker than in planes. */
const dimmed = 0.55;

/**
 * Projections of a map along three axes: at each point the value with the largest size, signed.
 * @throws VoxplainError as `smallPlanesFigure`; `mismatch` for a mask of another length.
 */
export function glassBrainFigure(map: Volume, options: GlassBrainOptions = {}): Figure {
  checkDrawn(map, options);
  const { anatomy, mask, peaks = [] } = options;
  if (mask !== undefined && mask.length !== map.data.length) {
    throw new VoxplainError(
      "mismatch",
      `the mask has ${mask.length} voxels, and the map ${map.data.length}: both must be on the same grid`,
    );
  }
  const vmax = options.vmax ?? strongest(map);
  const window = windowOf(anatomy);
  const panels = layOut(planeViews(map, pointOfInterest(map)), smallFrame);
  const row = Math.max(shortest, ...panels.map((panel) => panel.height));
  const { width } = smallFrame;
  const height = head + row + foot;
  const inside =
    mask ?? anatomy?.data.map((value) => (value > window.low + 0.1 * (window.high - window.low) ? 1 : 0));
  return {
    width,
    height,
    draw(context, fonts) {
      context.fillStyle = "#000000";
      context.fillRect(0, 0, width, height);
      for (const panel of panels) {
        const { view, x, width: w, height: h } = panel;
        const y = head + Math.round((row - h) / 2);
        const over = resizeSlice(projection(map.data, map.shape, view, strongestOf), w, h);
        const grey = anatomy && resizeSlice(projection(anatomy.data, map.shape, view, meanOf), w, h);
        const under = grey ?? { ...over, values: new Float32Array(over.values.length) };
        const range = grey === undefined ? { low: 0, high: 1 } : dimmedWindow(grey);
        const pixels = paintOverlay(under, over, range, vmax);
        if (inside !== undefined) {
          outline(pixels.rgba, resizeSlice(projection(inside, map.shape, view, strongestOf), w, h));
        }
        drawPixels(context, pixels, x, y);
        drawLetters(context, panel, y, fonts);
        for (const { at, label } of peaks) {
          const [left, top] = placeIn(panel, y, map, at);
          drawOutlinedText(context, label, left, top, {
            ...{ font: fonts.semibold, size: 15, color: "#ffffff", align: "center", baseline: "middle" },
          });
        }
      }
      if (map.data.every((value) => value === 0 || Number.isNaN(value))) {
        const style = { font: fonts.regular, size: 16, color: "#d4d4d4", align: "center" } as const;
        drawText(context, "no voxel is above the threshold", width / 2, head + row / 2, style);
      } else drawSmallBar(context, fonts, vmax, { top: head, row });
    },
  };
}

function strongest({ data }: Volume): number {
  let most = 0;
  for (const value of data) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most > 0 ? Number(most.toPrecision(2)) || most : colourLimit(data);
}

/** What of the values along an axis is shown. */
type Gather = (values: ArrayLike<number>, start: number, stride: number, count: number) => number;

const strongestOf: Gather = (values, start, stride, count) => {
  let found = 0;
  for (let n = 0; n < count; n++) {
    const value = values[start + n * stride] ?? 0;
    if (Number.isFinite(value) && Math.abs(value) > Math.abs(found)) found = value;
  }
  return found;
};

const meanOf: Gather = (values, start, stride, count) => {
  let sum = 0;
  for (let n = 0; n < count; n++) {
    const value = values[start + n * stride] ?? 0;
    if (Number.isFinite(value)) sum += value;
  }
  return sum / count;
};

/** A picture of a volume along the axis that goes through a plane. */
function projection(
  values: ArrayLike<number>,
  shape: Volume["shape"],
  { horizontal, vertical, across }: PlaneView,
  gather: Gather,
): Slice {
  const strides = [shape[1] * shape[2], shape[2], 1] as const;
  const { voxels: width } = horizontal;
  const { voxels: height } = vertical;
  const seen = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const y = (vertical.reversed ? height - 1 - row : row) * strides[vertical.axis];
    for (let column = 0; column < width; column++) {
      const x = (horizontal.reversed ? width - 1 - column : column) * strides[horizontal.axis];
      seen[row * width + column] = gather(values, x + y, strides[across.axis], shape[across.axis]);
    }
  }
  return { width, height, values: seen };
}

function dimmedWindow(slice: Slice): GreyWindow {
  const { low, high } = fullWindow(slice);
  return { low, high: low + (high - low) / dimmed };
}

/** Paints the pixels at the edge of a silhouette. */
function outline(rgba: Uint8ClampedArray, { width, height, values }: Slice): void {
  const isIn = (column: number, row: number) =>
    column >= 0 &&
    row >= 0 &&
    column < width &&
    row < height &&
    Math.abs(values[row * width + column] ?? 0) > 0.5;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (!isIn(column, row)) continue;
      const isEdge =
        !isIn(column - 1, row) || !isIn(column + 1, row) || !isIn(column, row - 1) || !isIn(column, row + 1);
      if (isEdge) rgba.set([200, 200, 200, 255], 4 * (row * width + column));
    }
  }
}

/** The middle of the voxel nearest to a place. */
function placeIn(
  { view: { horizontal, vertical }, x, width, height }: Panel,
  y: number,
  map: Volume,
  at: Point,
): readonly [number, number] {
  const voxel = nearestVoxel(map, at);
  const along = (side: PlaneView["horizontal"]) => {
    const position = (voxel[side.axis] + 0.5) / side.voxels;
    return side.reversed ? 1 - position : position;
  };
  return [x + along(horizontal) * width, y + along(vertical) * height];
}
