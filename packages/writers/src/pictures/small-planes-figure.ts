import type { Volume, Voxel } from "@voxplain/core";
import { colourLimit } from "../colour-limit.ts";
import { overlayColor } from "./cold-hot.ts";
import { type DrawingContext, drawText, type Figure, type Fonts } from "./drawing.ts";
import { checkDrawn, pointOfInterest } from "./drawn-volume.ts";
import { drawPlane, placeText, windowOf } from "./plane-drawing.ts";
import { type Frame, layOut } from "./plane-layout.ts";
import { drawCrosshair, drawLetters } from "./plane-marks.ts";
import { planeViews } from "./plane-views.ts";
import { drawScaleBar } from "./scale-bar.ts";

/** How a volume is drawn for a page that has words of its own. */
export interface SmallPlanesOptions {
  /** On the grid of the map; black without it. */
  readonly anatomy?: Volume;
  /** Pixels; default: 900. */
  readonly width?: number;
  /** End of the symmetric colour scale; default: the 99.9th percentile of |map|, rounded to two digits. */
  readonly vmax?: number;
  /** The voxel [i, j, k] to cut through; default: that of the largest |value|, the first in scan order. */
  readonly voxel?: Voxel;
}

/** The frame of small figures. */
export const smallFrame: Frame = { width: 900, margin: 12, barRoom: 118, gap: 12, tallest: 560 };
const head = 14;
const foot = 34;
/** Room for the colour bar where the planes are flat. */
const shortest = 150;

/**
 * Three planes of a map through one voxel, as `planesFigure` draws them, without title and caption.
 * @throws VoxplainError as `planesFigure`.
 */
export function smallPlanesFigure(map: Volume, options: SmallPlanesOptions = {}): Figure {
  checkDrawn(map, options);
  const { anatomy } = options;
  const voxel = options.voxel ?? pointOfInterest(map);
  const vmax = options.vmax ?? colourLimit(map.data);
  const window = windowOf(anatomy);
  const { width = smallFrame.width } = options;
  const panels = layOut(planeViews(map, voxel), { ...smallFrame, width });
  const row = Math.max(shortest, ...panels.map((panel) => panel.height));
  const height = head + row + foot;
  return {
    width,
    height,
    draw(context, fonts) {
      context.fillStyle = "#000000";
      context.fillRect(0, 0, width, height);
      for (const panel of panels) {
        const { view, x, width: w, height: h } = panel;
        const y = head + Math.round((row - h) / 2);
        drawPlane(context, { view, x, y, width: w, height: h }, { map, anatomy, window, vmax });
        drawCrosshair(context, panel, y, voxel);
        drawLetters(context, panel, y, fonts);
        drawText(context, placeText(map, view, voxel), x + w / 2, head + row + 23, {
          ...{ font: fonts.regular, size: 16, color: "#d4d4d4", align: "center" },
        });
      }
      drawSmallBar(context, fonts, vmax, { top: head, row, width });
    },
  };
}

/** The colour bar at the right of a small figure. */
export function drawSmallBar(
  context: DrawingContext,
  fonts: Fonts,
  vmax: number,
  {
    top,
    row,
    width = smallFrame.width,
  }: { readonly top: number; readonly row: number; readonly width?: number },
): void {
  const { margin, barRoom } = smallFrame;
  const height = Math.min(row - 44, 300);
  drawScaleBar(context, {
    x: width - margin - barRoom + 24,
    y: top + Math.round((row - height) / 2) + 8,
    width: 14,
    height,
    vmax,
    colorAt: overlayColor,
    ink: "#d4d4d4",
    font: fonts.regular,
    fontSize: 15,
  });
}
