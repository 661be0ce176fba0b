import { closestAxes, type Volume, type Voxel } from "@voxplain/core";
import { colourLimit } from "../colour-limit.ts";
import { drawText, type Figure } from "./drawing.ts";
import { checkDrawn, pointOfInterest } from "./drawn-volume.ts";
import { drawPlane, placeText, windowOf } from "./plane-drawing.ts";
import { planeViews } from "./plane-views.ts";
import { drawSmallBar, smallFrame } from "./small-planes-figure.ts";

/** How slices of a volume are drawn. */
export interface SlicesOptions {
  /** On the grid of the map; black without it. */
  readonly anatomy?: Volume;
  /** End of the symmetric colour scale; default: the 99.9th percentile of |map|, rounded to two digits. */
  readonly vmax?: number;
}

const columns = 6;
const rows = 2;
const gap = 6;
const line = 24;

/**
 * Axial slices at even distances between the lowest and the highest tenth of the volume, from the bottom to the top.
 * @throws VoxplainError as `smallPlanesFigure`.
 */
export function slicesFigure(map: Volume, options: SlicesOptions = {}): Figure {
  checkDrawn(map, options);
  const { anatomy } = options;
  const vmax = options.vmax ?? colourLimit(map.data);
  const window = windowOf(anatomy);
  const cuts = axialCuts(map);
  const [, , first] = planeViews(map, cuts[0] ?? pointOfInterest(map));
  const { width, margin, barRoom, tallest } = smallFrame;
  const extent = (side: typeof first.horizontal) => side.voxels * side.spacing;
  const room = (width - 2 * margin - barRoom - gap * (columns - 1)) / columns;
  const scale = Math.min(room / extent(first.horizontal), tallest / rows / extent(first.vertical));
  const [w, h] = [first.horizontal, first.vertical].map((side) =>
    Math.max(1, Math.floor(extent(side) * scale)),
  );
  if (w === undefined || h === undefined) throw new RangeError("a plane has two sides");
  const height = margin + rows * (h + line);
  return {
    width,
    height,
    draw(context, fonts) {
      context.fillStyle = "#000000";
      context.fillRect(0, 0, width, height);
      const style = { font: fonts.regular, size: 14, color: "#d4d4d4", align: "center" } as const;
      cuts.forEach((voxel, n) => {
        const [, , view] = planeViews(map, voxel);
        const x = margin + (n % columns) * Math.floor(room + gap);
        const y = margin + Math.floor(n / columns) * (h + line);
        drawPlane(context, { view, x, y, width: w, height: h }, { map, anatomy, window, vmax });
        drawText(context, placeText(map, view, voxel), x + w / 2, y + h + 17, style);
      });
      drawSmallBar(context, fonts, vmax, { top: margin, row: height - margin });
    },
  };
}

/** A voxel in each slice. */
function axialCuts({ shape, affine }: Volume): Voxel[] {
  const closest = closestAxes(affine);
  const axis = closest.findIndex(({ world }) => world === 2);
  const middle = shape.map((length) => Math.floor(length / 2));
  const length = shape[axis] ?? 1;
  const isUp = (closest[axis]?.sign ?? 1) > 0;
  const count = Math.min(columns * rows, length);
  return Array.from({ length: count }, (_, n) => {
    const share = 0.1 + (0.8 * (n + 0.5)) / count;
    const index = Math.min(length - 1, Math.floor((isUp ? share : 1 - share) * length));
    const [x = 0, y = 0, z = 0] = middle.with(axis, index);
    return [x, y, z];
  });
}
