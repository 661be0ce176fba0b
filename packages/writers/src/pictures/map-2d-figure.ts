import { type Tensor, VoxplainError } from "@voxplain/core";
import { coolwarmColor } from "./coolwarm.ts";
import { drawPixels, type Figure } from "./drawing.ts";
import type { Pixels } from "./overlay.ts";
import { drawScaleBar } from "./scale-bar.ts";

/** How a 2D map is drawn. */
export interface Map2dOptions {
  /** The colours run from −vmax (blue) over 0 (grey) to +vmax (red); beyond, the end's colour. */
  readonly vmax: number;
}

/** JPEG stores colours for blocks of 16 × 16 pixels: voxels that start with a block bleed least. */
const margin = 48;
const barWidth = 24;
const barRoom = 136;
const ink = "#1a1a1a";

/**
 * A 2D map [H, W], first row on top, in matplotlib's coolwarm between −vmax and +vmax, with a colour bar. Each
 * voxel is a square of an even number of pixels, chosen so that the short side has 384 or more. What is not
 * finite is white.
 * @throws VoxplainError `invalid-argument` for another rank, no voxels, or a vmax that is not positive.
 */
export function map2dFigure(map: Tensor<"float32">, { vmax }: Map2dOptions): Figure {
  const [rows, columns] = map.dims;
  if (map.dims.length !== 2 || !rows || !columns) {
    throw new VoxplainError("invalid-argument", `a 2D map is [H, W], not [${map.dims.join(", ")}]`);
  }
  if (!(vmax > 0 && vmax < Number.POSITIVE_INFINITY)) {
    throw new VoxplainError(
      "invalid-argument",
      `vmax is the end of a colour scale and must be above 0, not ${vmax}`,
    );
  }
  const image = paintMap(map.data, rows, columns, enlargement(rows, columns), vmax);
  const barHeight = Math.max(image.height, 240);
  const height = 2 * margin + barHeight;
  const width = margin + image.width + barRoom;
  return {
    width,
    height,
    draw(context, fonts) {
      context.fillStyle = "#ffffff";
      context.fillRect(0, 0, width, height);
      drawPixels(context, image, margin, margin);
      context.strokeStyle = ink;
      context.lineWidth = 1;
      context.strokeRect(margin - 0.5, margin - 0.5, image.width + 1, image.height + 1);
      drawScaleBar(context, {
        x: margin + image.width + 24,
        y: margin,
        width: barWidth,
        height: barHeight,
        vmax,
        colorAt: (strength) => coolwarmColor((strength + 1) / 2),
        ink,
        font: fonts.regular,
        fontSize: 18,
      });
    },
  };
}

/** Pixels per voxel. Long strips stay below the 4096 pixels that every viewer opens. */
function enlargement(rows: number, columns: number): number {
  const wanted = 2 * Math.ceil(384 / Math.min(rows, columns) / 2);
  const possible = 2 * Math.floor(4096 / Math.max(rows, columns) / 2);
  return Math.max(1, Math.min(wanted, possible));
}

function paintMap(values: Float32Array, rows: number, columns: number, size: number, vmax: number): Pixels {
  const [width, height] = [columns * size, rows * size];
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = values[Math.floor(y / size) * columns + Math.floor(x / size)]!;
      if (Number.isFinite(value)) rgba.set(coolwarmColor((value / vmax + 1) / 2), 4 * (y * width + x));
    }
  }
  return { width, height, rgba };
}
