import { element } from "../page/element.ts";
import type { PlaneLetter } from "./plane-layout.ts";

/** What the colours of a map stand for. */
export interface Legend {
  /** The value at which colours end. */
  readonly limit: number;
  /** The absolute value below which nothing is drawn. */
  readonly threshold: number;
  /** Colours from weak to strong, as CSS writes them. */
  readonly positive: readonly string[];
  /** Absent where the size of values is drawn only. */
  readonly negative: readonly string[] | undefined;
}

/** From the strongest negative value to the strongest positive one. */
function partsOf({ limit, threshold, positive, negative }: Legend) {
  const parts = negative ? [{ from: -limit, to: -threshold, colours: [...negative].reverse() }] : [];
  return [...parts, { from: threshold, to: limit, colours: positive }];
}

export function legendNodes(legend: Legend): readonly Node[] {
  return partsOf(legend).flatMap(({ from, to, colours }) => {
    const bar = element("span", { class: "bar", "aria-hidden": true });
    bar.style.backgroundImage = `linear-gradient(to right, ${colours.join(", ")})`;
    return [element("span", {}, numberText(from, 2)), bar, element("span", {}, numberText(to, 2))];
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
  for (const { letter, edge, x, y } of letters) {
    const [right, down] = inset[edge];
    context.fillText(letter, x * drawing.width + right, top + y * drawing.height + down);
  }
  context.textAlign = "left";
  let x = line / 2;
  const y = drawing.height + top + line;
  for (const { from, to, colours } of partsOf(legend)) {
    const width = 140 * scale;
    const write = (text: string) => {
      context.fillStyle = "#d9dfe6";
      context.fillText(text, x, y);
      x += context.measureText(text).width + line / 2;
    };
    write(numberText(from, 2));
    const gradient = context.createLinearGradient(x, 0, x + width, 0);
    for (const [index, colour] of colours.entries())
      gradient.addColorStop(index / (colours.length - 1), colour);
    context.fillStyle = gradient;
    context.fillRect(x, y - line / 4, width, line / 2);
    x += width + line / 2;
    write(numberText(to, 2));
    x += line / 2;
  }
  return canvas.convertToBlob({ type: "image/png" });
}

/** Four digits are more than the maps of two runtimes share. */
export function numberText(value: number, digits = 4): string {
  return Number.isFinite(value) ? value.toPrecision(digits).replaceAll("-", "−") : "–";
}
