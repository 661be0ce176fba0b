import { elementAt, indexOfVoxel, pointAt, strongestIndex, type Volume, type Voxel } from "@voxplain/core";
import { colourLimit } from "../colour-limit.ts";
import { faintest, overlayColor } from "./cold-hot.ts";
import { drawRuns, drawText, type Figure, fitText } from "./drawing.ts";
import { checkDrawn, pointOfInterest } from "./drawn-volume.ts";
import { millimetreText, numberText } from "./number-text.ts";
import { drawPlane, placeText } from "./plane-drawing.ts";
import { barRoom, layOut, margin, width } from "./plane-layout.ts";
import { drawCrosshair, drawLetters } from "./plane-marks.ts";
import { obliqueness, planeViews } from "./plane-views.ts";
import { drawScaleBar } from "./scale-bar.ts";
import { headWindow } from "./windowing.ts";

/** How a volume is drawn. */
export interface PlaneViewOptions {
  /** The line above the planes; cut where it is too long. */
  readonly title?: string;
  /** End of the symmetric colour scale; default: the 99.9th percentile of |map|, rounded to two digits. */
  readonly vmax?: number;
  /** The voxel [i, j, k] to cut through; default: that of the largest |value|, the first in scan order. */
  readonly voxel?: Voxel;
}

const head = 92;
const foot = 128;
/** Room for the colour bar where the planes are flat. */
const shortest = 260;
const ink = { bright: "#ffffff", text: "#d4d4d4", faint: "#8c8c8c" } as const;

/**
 * Three planes of a map through one voxel, in colours over the anatomy: sagittal, coronal, axial, in the
 * neurological convention, with a pixel as wide as high whatever the voxels are.
 * @throws VoxplainError `mismatch` where map and anatomy are not on the same grid, `invalid-argument` for a vmax
 * that is not positive or a voxel outside.
 */
export function planesFigure(map: Volume, anatomy: Volume, options: PlaneViewOptions = {}): Figure {
  checkDrawn(map, { anatomy, ...options });
  const strongest = strongestIndex(map.data);
  const voxel = options.voxel ?? pointOfInterest(map, strongest);
  const vmax = options.vmax ?? colourLimit(map.data);
  const window = headWindow(anatomy.data);
  const panels = layOut(planeViews(map, voxel));
  const row = Math.max(shortest, ...panels.map((panel) => panel.height));
  const height = head + row + foot;
  return {
    width,
    height,
    draw(context, fonts) {
      context.fillStyle = "#000000";
      context.fillRect(0, 0, width, height);
      const title = { font: fonts.semibold, size: 28, color: ink.bright };
      drawText(context, fitText(context, options.title ?? "", width - 2 * margin, title), margin, 56, title);
      for (const panel of panels) {
        const { view, x, width: w, height: h } = panel;
        const y = head + Math.round((row - h) / 2);
        drawPlane(context, { view, x, y, width: w, height: h }, { map, anatomy, window, vmax });
        drawCrosshair(context, panel, y, voxel);
        drawLetters(context, panel, y, fonts);
        const style = { font: fonts.regular, size: 20, color: ink.text, align: "center" } as const;
        drawText(context, placeText(map, view, voxel), x + w / 2, head + row + 32, style);
      }
      const bar = Math.min(row - 60, 360);
      drawScaleBar(context, {
        x: width - margin - barRoom + 48,
        y: head + Math.round((row - bar) / 2),
        width: 20,
        height: bar,
        vmax,
        colorAt: overlayColor,
        ink: ink.text,
        font: fonts.regular,
        fontSize: 19,
      });
      const caption = { font: fonts.regular, size: 18, color: ink.text };
      drawRuns(context, captionOf(map, voxel, strongest), margin, height - 50, caption);
      drawText(context, noteOf(map), margin, height - 22, { ...caption, size: 15, color: ink.faint });
    },
  };
}

function captionOf(map: Volume, voxel: Voxel, strongest: number | undefined) {
  if (strongest === undefined) return ["The map holds no finite value."];
  const index = indexOfVoxel(voxel, map.shape);
  if (map.data[strongest] === 0) return ["The map is 0 everywhere."];
  const where = pointAt(voxel, map.affine).map(millimetreText).join(", ");
  const what = index === strongest ? "Strongest point" : "Crosshair";
  return [
    `${what}:  (x, y, z) = (${where}) mm   ·   voxel [${voxel.join(", ")}]   ·   value `,
    numberText(elementAt(map.data, index)),
  ];
}

function noteOf({ affine }: Volume): string {
  const angle = obliqueness(affine);
  const oblique = angle > 1 ? ` The planes follow the voxels, up to ${Math.round(angle)}° oblique.` : "";
  return (
    "Neurological convention: the left of the patient (L) is on the left. " +
    `Values beyond the scale have the colour of its end, those below ${faintest * 100} % of it none.${oblique}`
  );
}
