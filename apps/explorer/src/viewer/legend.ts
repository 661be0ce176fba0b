import { element } from "../element.ts";
import type { PlaneLetter } from "./plane-layout.ts";

/** What the colours of a map stand for. */
export interface Legend {
  /** The value at which colours end. */
  readonly limit: number;
  /** Whether the map has larger values, which get the last colour. */
  readonly goesOn: boolean;
  /** The absolute value below which nothing is drawn. */
  readonly threshold: number;
  /** Colours from weak to strong, as CSS writes them. */
  readonly positive: readonly string[];
  /** Absent where the size of values is drawn only, and of a map that has no negative values. */
  readonly negative: readonly string[] | undefined;
}

/** From the strongest negative value to the strongest positive one. */
function partsOf({ limit, goesOn, threshold, positive, negative }: Legend) {
  const text = (value: number, sign = "") => (goesOn ? sign : "") + numberText(value, 2);
  const parts = negative
    ? [{ from: text(-limit, "≤ "), to: numberText(-threshold, 2), colours: [...negative].reverse() }]
    : [];
  return [...parts, { from: numberText(threshold, 2), to: text(limit, "≥ "), colours: positive }];
}

export function legendNodes(legend: Legend): readonly Node[] {
  return partsOf(legend).map(({ from, to, colours }) => {
    const bar = element("span", { class: "bar", "aria-hidden": true });
    bar.style.backgroundImage = `linear-gradient(to right, ${colours.join(", ")})`;
    return element("span", { class: "part" }, element("span", {}, from), bar, element("span", {}, to));
  });
}

/** A drawing under its titles, above its colours, as PNG. */
export async function composePicture(
  drawing: ImageBitmap,
  titles: readonly string[],
  letters: readonly PlaneLetter[],
  legend: Legend,
): Promise<Blob> {
  const scale = Math.max(1, drawing.width / 1000);
  const line = 22 * scale;
  const top = line * (titles.length + 0.5);
  const canvas = new OffscreenCanvas(drawing.width, drawing.height + top + 2 * line);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("the browser gives no canvas to draw on");
  context.fillStyle = "#0a0b0e";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(drawing, 0, top);
  context.fillStyle = "#d9dfe6";
  context.textBaseline = "middle";
  for (const [index, title] of titles.entries()) {
    context.font = `${index === 0 ? "600 " : ""}${14 * scale}px system-ui, sans-serif`;
    context.fillText(title, line / 2, line * (index + 0.75), canvas.width - line);
  }
  const gap = line / 2;
  const inset = { left: [gap, 0], right: [-gap, 0], top: [0, gap], bottom: [0, -gap] } as const;
  context.textAlign = "center";
  // They are read on black and on white.
  context.strokeStyle = "#000";
  context.lineWidth = 3 * scale;
  context.lineJoin = "round";
  for (const { letter, edge, x, y } of letters) {
    const [right, down] = inset[edge];
    const at = [x * drawing.width + right, top + y * drawing.height + down] as const;
    context.strokeText(letter, ...at);
    context.fillText(letter, ...at);
  }
  context.textAlign = "left";
  let x = line / 2;
  const y = drawing.height + top + line;
  const parts = partsOf(legend);
  const words = parts.reduce(
    (sum, { from, to }) => sum + context.measureText(from).width + context.measureText(to).width + 2 * line,
    line / 2,
  );
  // The last number is visible in a narrow picture, too.
  const width = Math.max(line, Math.min(140 * scale, (canvas.width - words) / parts.length));
  for (const { from, to, colours } of parts) {
    const write = (text: string) => {
      context.fillStyle = "#d9dfe6";
      context.fillText(text, x, y);
      x += context.measureText(text).width + line / 2;
    };
    write(from);
    const gradient = context.createLinearGradient(x, 0, x + width, 0);
    for (const [index, colour] of colours.entries())
      gradient.addColorStop(index / (colours.length - 1), colour);
    context.fillStyle = gradient;
    context.fillRect(x, y - line / 4, width, line / 2);
    x += width + line / 2;
    write(to);
    x += line / 2;
  }
  return canvas.convertToBlob({ type: "image/png" });
}

/** Four digits are more than the maps of two runtimes share. */
export function numberText(value: number, digits = 4): string {
  return Number.isFinite(value) ? value.toPrecision(digits).replaceAll("-", "−") : "–";
}
