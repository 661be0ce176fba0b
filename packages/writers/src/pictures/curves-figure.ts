import { VoxplainError } from "@voxplain/core";
import { drawLine, drawText, type Figure } from "./drawing.ts";

/** A line of a plot. */
export interface Curve {
  /** In the legend. */
  readonly name: string;
  /** Points [x, y] in the order in which they are joined. */
  readonly points: readonly (readonly [number, number])[];
  /** What the line before it is to be compared with: its colour, but pale. */
  readonly faint?: boolean;
}

/** The words of a plot. */
export interface CurvesOptions {
  /** The line above it. */
  readonly title: string;
  /** Below the horizontal axis. */
  readonly xLabel: string;
  /** Beside the vertical axis. */
  readonly yLabel: string;
}

const size = { width: 960, height: 600, left: 96, right: 300, top: 80, bottom: 84 } as const;
const ink = { title: "#1a1a1a", text: "#444444", grid: "#e4e4e4" } as const;
/** Okabe and Ito's colours, distinguishable with any colour vision. */
const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];

/**
 * Lines over common axes, with a legend.
 * @throws VoxplainError `invalid-argument` where no line has two finite points.
 */
export function curvesFigure(curves: readonly Curve[], { title, xLabel, yLabel }: CurvesOptions): Figure {
  const points = curves.flatMap((curve) => curve.points).filter((point) => point.every(Number.isFinite));
  if (points.length < 2) {
    throw new VoxplainError("invalid-argument", `there is nothing to plot in "${title}"`);
  }
  const [x, y] = [axis(points.map((point) => point[0])), axis(points.map((point) => point[1]))];
  const { width, height, left, right, top, bottom } = size;
  const atX = (value: number) => left + ((value - x.low) / (x.high - x.low)) * (width - left - right);
  const atY = (value: number) =>
    height - bottom - ((value - y.low) / (y.high - y.low)) * (height - top - bottom);
  return {
    width,
    height,
    draw(context, fonts) {
      context.fillStyle = "#ffffff";
      context.fillRect(0, 0, width, height);
      drawText(context, title, left, 44, { font: fonts.semibold, size: 22, color: ink.title });
      const small = { font: fonts.regular, size: 15, color: ink.text } as const;
      context.lineWidth = 1;
      context.strokeStyle = ink.grid;
      for (const tick of x.ticks) {
        drawLine(context, [atX(tick), top], [atX(tick), height - bottom]);
        drawText(context, tickText(tick), atX(tick), height - bottom + 24, { ...small, align: "center" });
      }
      for (const tick of y.ticks) {
        drawLine(context, [left, atY(tick)], [width - right, atY(tick)]);
        drawText(context, tickText(tick), left - 10, atY(tick), {
          ...small,
          align: "right",
          baseline: "middle",
        });
      }
      const middle = left + (width - left - right) / 2;
      drawText(context, xLabel, middle, height - 24, { ...small, align: "center" });
      drawText(context, yLabel, left, top - 12, small);
      context.lineWidth = 2.5;
      let strong = 0;
      for (const [k, curve] of curves.entries()) {
        if (!curve.faint && k > 0) strong++;
        const color = `${colors[strong % colors.length]!}${curve.faint ? "59" : ""}`;
        context.strokeStyle = color;
        for (const [n, to] of curve.points.entries()) {
          const from = curve.points[n - 1];
          if (from) drawLine(context, [atX(from[0]), atY(from[1])], [atX(to[0]), atY(to[1])]);
        }
        const row = top + 12 + 28 * k;
        drawLine(context, [width - right + 24, row], [width - right + 52, row]);
        drawText(context, curve.name, width - right + 62, row, { ...small, baseline: "middle" });
      }
    },
  };
}

/** The range of an axis, and five or so round numbers in it. */
function axis(values: readonly number[]) {
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  const ticks = Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
  return { low: first * step, high: last * step, ticks };
}

function tickText(value: number): string {
  return String(Number(value.toPrecision(6))).replace("-", "\u2212");
}
