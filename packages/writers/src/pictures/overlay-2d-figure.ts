import { channelSum, elementCount, type Tensor, VoxplainError } from "@voxplain/core";
import { colourLimit } from "../colour-limit.ts";
import { overlayColor } from "./cold-hot.ts";
import { drawPixels, drawText, type Figure, fitText } from "./drawing.ts";
import { paintOverlay } from "./overlay.ts";
import { drawScaleBar } from "./scale-bar.ts";
import { resizeSlice, type Slice } from "./slices.ts";
import { fullWindow } from "./windowing.ts";

/** How a map is drawn over its image. */
export interface Overlay2dOptions {
  /** The line above the picture; cut where it is too long. */
  readonly title?: string;
  /** End of the symmetric colour scale; default: the 99.9th percentile of |map|, rounded to two digits. */
  readonly vmax?: number;
}

const margin = 40;
const head = 72;
const barRoom = 150;
const shortest = 480;
const ink = { bright: "#ffffff", text: "#d4d4d4" } as const;

/**
 * A map in colours over the grey image that it explains, first row on top. Channels are summed of the
 * map and averaged of the image.
 * @param map - [C, H, W].
 * @param image - [C', H, W].
 * @throws VoxplainError `mismatch` where they are not of the same height and width, `invalid-argument`
 * for another rank or a vmax that is not positive.
 */
export function overlay2dFigure(
  map: Tensor<"float32">,
  image: Tensor<"float32">,
  { title = "", vmax }: Overlay2dOptions = {},
): Figure {
  check(map, image, vmax);
  const values = sumOfChannels(map);
  const grey = sumOfChannels(image);
  const limit = vmax ?? colourLimit(values.values);
  const factor = Math.max(1, Math.ceil(shortest / Math.min(grey.width, grey.height)));
  const [w, h] = [grey.width * factor, grey.height * factor];
  const barHeight = Math.min(h, 360);
  const width = margin + w + barRoom;
  const height = head + h + margin;
  return {
    width,
    height,
    draw(context, fonts) {
      context.fillStyle = "#000000";
      context.fillRect(0, 0, width, height);
      const style = { font: fonts.semibold, size: 24, color: ink.bright };
      drawText(context, fitText(context, title, width - 2 * margin, style), margin, 46, style);
      const pixels = paintOverlay(
        resizeSlice(grey, w, h),
        resizeSlice(values, w, h),
        fullWindow(grey),
        limit,
      );
      drawPixels(context, pixels, margin, head);
      drawScaleBar(context, {
        x: margin + w + 24,
        y: head + Math.round((h - barHeight) / 2),
        width: 20,
        height: barHeight,
        vmax: limit,
        colorAt: overlayColor,
        ink: ink.text,
        font: fonts.regular,
        fontSize: 18,
      });
    },
  };
}

function sumOfChannels(values: Tensor<"float32">): Slice {
  const { dims, data } = channelSum(values);
  const [height = 0, width = 0] = dims;
  return { width, height, values: data.map((value) => (Number.isFinite(value) ? value : 0)) };
}

function check(map: Tensor, image: Tensor, vmax: number | undefined): void {
  for (const { dims } of [map, image]) {
    if (dims.length === 3 && elementCount(dims) > 0) continue;
    throw new VoxplainError("invalid-argument", `a picture is [C, H, W], not [${dims.join(", ")}]`);
  }
  if (map.dims.slice(1).join() !== image.dims.slice(1).join()) {
    throw new VoxplainError(
      "mismatch",
      `the map is [${map.dims.join(", ")}] and the image [${image.dims.join(", ")}]: height and width must be the same`,
    );
  }
  if (vmax !== undefined && !(vmax > 0 && vmax < Number.POSITIVE_INFINITY)) {
    throw new VoxplainError(
      "invalid-argument",
      `vmax is the end of a colour scale and must be above 0, not ${vmax}`,
    );
  }
}
