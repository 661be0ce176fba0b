import type { NumberText } from "./number-text.ts";
import type { Pixels } from "./overlay.ts";

/** What of a canvas' context the figures need; those of browsers and of `@napi-rs/canvas` both have it. */
export type DrawingContext = Pick<
  CanvasRenderingContext2D,
  | "beginPath"
  | "createImageData"
  | "fillRect"
  | "fillStyle"
  | "fillText"
  | "font"
  | "lineJoin"
  | "lineTo"
  | "lineWidth"
  | "measureText"
  | "moveTo"
  | "putImageData"
  | "stroke"
  | "strokeRect"
  | "strokeStyle"
  | "strokeText"
  | "textAlign"
  | "textBaseline"
>;

/** Font families, as the context knows them. */
export interface Fonts {
  readonly regular: string;
  readonly semibold: string;
}

/** A figure before it is drawn: its size, and how to draw it on a context of that size. */
export interface Figure {
  readonly width: number;
  readonly height: number;
  draw(context: DrawingContext, fonts: Fonts): void;
}

export interface TextStyle {
  readonly font: string;
  readonly size: number;
  readonly color: string;
  readonly align?: "left" | "center" | "right";
  readonly baseline?: "alphabetic" | "middle" | "top";
}

export function drawText(
  context: DrawingContext,
  text: string,
  x: number,
  y: number,
  style: TextStyle,
): void {
  apply(context, style);
  context.fillText(text, x, y);
}

/** With a dark rim, so that it can be read over a bright picture too. */
export function drawOutlinedText(
  context: DrawingContext,
  text: string,
  x: number,
  y: number,
  style: TextStyle,
): void {
  apply(context, style);
  context.strokeStyle = "rgba(0, 0, 0, 0.85)";
  context.lineWidth = style.size / 4;
  context.lineJoin = "round";
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

/** The text, cut with "…" where it is wider than there is room. */
export function fitText(context: DrawingContext, text: string, room: number, style: TextStyle): string {
  apply(context, style);
  if (context.measureText(text).width <= room) return text;
  const letters = [...text];
  while (letters.length > 0 && context.measureText(`${letters.join("")}…`).width > room) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

/** Draws runs of text one after another from the left, powers of ten raised; returns where they end. */
export function drawRuns(
  context: DrawingContext,
  runs: readonly (string | NumberText)[],
  x: number,
  y: number,
  style: TextStyle,
): number {
  let end = x;
  const add = (text: string, size: number, raised: number) => {
    apply(context, { ...style, size, align: "left" });
    context.fillText(text, end, y - raised);
    end += context.measureText(text).width;
  };
  for (const run of runs) {
    if (typeof run === "string") add(run, style.size, 0);
    else {
      const power = run.exponent === 0 ? "" : `${run.digits === "" ? "" : "\u2009"}×\u200910`;
      add(`${run.digits}${power}`, style.size, 0);
      if (run.exponent !== 0)
        add(String(run.exponent).replace("-", "\u2212"), style.size * 0.72, style.size * 0.36);
    }
  }
  return end;
}

export function drawPixels(
  context: DrawingContext,
  { width, height, rgba }: Pixels,
  x: number,
  y: number,
): void {
  const image = context.createImageData(width, height);
  image.data.set(rgba);
  context.putImageData(image, x, y);
}

export function drawLine(
  context: DrawingContext,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

function apply(context: DrawingContext, { font, size, color, align, baseline }: TextStyle): void {
  context.font = `${size}px ${font}`;
  context.fillStyle = color;
  context.textAlign = align ?? "left";
  context.textBaseline = baseline ?? "alphabetic";
}
