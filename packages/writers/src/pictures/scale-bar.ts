import { type DrawingContext, drawLine, drawPixels, drawRuns, drawText } from "./drawing.ts";
import { scaleTicks } from "./number-text.ts";
import { paintScale } from "./overlay.ts";

export interface ScaleBar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly vmax: number;
  /** The colour of value / vmax. */
  readonly colorAt: (strength: number) => readonly number[];
  readonly ink: string;
  readonly font: string;
  readonly fontSize: number;
}

/** A vertical colour bar from +vmax (top) to −vmax, with five ticks at its right and their power of ten above. */
export function drawScaleBar(context: DrawingContext, bar: ScaleBar): void {
  const { x, y, width, height, vmax, colorAt, ink, font, fontSize: size } = bar;
  drawPixels(context, paintScale(width, height, colorAt), x, y);
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
  const { ticks, exponent } = scaleTicks(vmax);
  for (const [n, label] of ticks.entries()) {
    const level = Math.round(y + (n / (ticks.length - 1)) * (height - 1)) + 0.5;
    drawLine(context, [x + width + 1, level], [x + width + 7, level]);
    drawText(context, label, x + width + 13, level, { font, size, color: ink, baseline: "middle" });
  }
  if (exponent !== 0) {
    drawRuns(context, [{ digits: "", exponent }], x, y - size, { font, size, color: ink });
  }
}
