import type { Voxel } from "@voxplain/core";
import { type DrawingContext, drawLine, drawOutlinedText, type Fonts } from "./drawing.ts";
import type { Panel } from "./plane-layout.ts";
import { positionOf } from "./plane-views.ts";

/** Thin lines through the voxel, broken around it so that it can be seen. */
export function drawCrosshair(
  context: DrawingContext,
  { view, x, width: w, height: h }: Panel,
  y: number,
  voxel: Voxel,
) {
  const column = x + Math.floor(positionOf(voxel[view.horizontal.axis], view.horizontal) * w) + 0.5;
  const line = y + Math.floor(positionOf(voxel[view.vertical.axis], view.vertical) * h) + 0.5;
  const opening = 14;
  context.strokeStyle = "rgba(255, 255, 255, 0.55)";
  context.lineWidth = 1;
  if (line - opening > y) drawLine(context, [column, y], [column, line - opening]);
  if (line + opening < y + h) drawLine(context, [column, line + opening], [column, y + h]);
  if (column - opening > x) drawLine(context, [x, line], [column - opening, line]);
  if (column + opening < x + w) drawLine(context, [column + opening, line], [x + w, line]);
}

/** The directions, in the middle of each edge; left out where opposite ones would run into each other. */
export function drawLetters(
  context: DrawingContext,
  { view, x, width: w, height: h }: Panel,
  y: number,
  fonts: Fonts,
) {
  const style = {
    font: fonts.semibold,
    size: 19,
    color: "#ffffff",
    align: "center",
    baseline: "middle",
  } as const;
  const inset = 17;
  if (w >= 5 * inset) {
    drawOutlinedText(context, view.letters.left, x + inset, y + h / 2, style);
    drawOutlinedText(context, view.letters.right, x + w - inset, y + h / 2, style);
  }
  if (h >= 5 * inset) {
    drawOutlinedText(context, view.letters.top, x + w / 2, y + inset, style);
    drawOutlinedText(context, view.letters.bottom, x + w / 2, y + h - inset, style);
  }
}
