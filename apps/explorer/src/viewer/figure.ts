import { withEscapes } from "@voxplain/core";
import { endsOf, type Legend, type ScaleStop } from "./legend.ts";
import type { PlaneMark } from "./plane-layout.ts";

/** A picture of a map with its words and its scale: places in pixels. */
export interface Figure {
  readonly width: number;
  readonly height: number;
  /** Where the drawing is, and how high. */
  readonly top: number;
  readonly drawingHeight: number;
  readonly texts: readonly FigureText[];
  readonly bar: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly stops: readonly ScaleStop[];
  };
}

interface FigureText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly isBold: boolean;
  readonly anchor: "start" | "middle" | "end";
  /** It is read on black and on white. */
  readonly hasHalo: boolean;
}

const ground = "#000";
const ink = "#d9dfe6";
const font = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";

/** What stands beside a drawing. */
export interface FigureWords {
  /** The first is the heading. */
  readonly titles: readonly string[];
  /** Below the drawing: the convention. */
  readonly note: string;
  readonly marks: readonly PlaneMark[];
  readonly legend: Legend;
}

/** A drawing under its titles, above its scale. */
export function figureOf(
  { width, height }: { readonly width: number; readonly height: number },
  { titles, note, marks, legend }: FigureWords,
): Figure {
  const scale = Math.max(1, width / 1000);
  const size = 14 * scale;
  const line = 22 * scale;
  const gap = line / 2;
  // Words of unknown fonts: half of their height is the mean width of letters.
  const widthOf = (text: string) => 0.56 * size * text.length;
  const plain = { size, isBold: false, anchor: "start", hasHalo: false } as const;
  const wrapped = titles
    .map(withEscapes)
    .flatMap((title) => lines(title, Math.floor((width - line) / widthOf("x"))));
  const top = line * (wrapped.length + 0.5);
  const [from, to] = endsOf(legend);
  const bar = {
    x: gap + widthOf(from) + gap,
    y: top + height + line - 0.25 * line,
    width: Math.min(220 * scale, width - widthOf(from + to) - 4 * gap),
    height: 0.5 * line,
    stops: legend.stops,
  };
  const row = top + height + line;
  const after = bar.x + bar.width + gap;
  const below = [legend.weak, note].filter((text) => text !== "").join(" · ");
  const belowLines = below === "" ? [] : lines(below, Math.floor((width - line) / widthOf("x")));
  const inset = {
    left: [gap, 0, "start"],
    right: [-gap, 0, "end"],
    top: [0, gap, "middle"],
    bottom: [0, -gap, "middle"],
    corner: [gap / 2, -gap, "start"],
  } as const;
  return {
    width,
    height: row + gap + belowLines.length * line + gap / 2,
    top,
    drawingHeight: height,
    bar,
    texts: [
      ...wrapped.map((text, k) => ({ ...plain, text, x: gap, y: line * (k + 0.75), isBold: k === 0 })),
      ...marks.map(({ text, edge, x, y }) => {
        const [right, down, anchor] = inset[edge];
        return {
          ...plain,
          ...{ text, x: x * width + right, y: top + y * height + down, anchor, hasHalo: true, isBold: true },
        };
      }),
      { ...plain, text: from, x: gap + widthOf(from), y: row, anchor: "end" },
      { ...plain, text: to, x: after, y: row },
      ...belowLines.map((text, k) => ({ ...plain, text, x: gap, y: row + line * (k + 1) })),
    ],
  };
}

/** Words in lines of so many letters. */
function lines(text: string, most: number): string[] {
  const all: string[] = [];
  for (const word of text.split(" ")) {
    const last = all.at(-1);
    if (last !== undefined && last.length + word.length < most) all[all.length - 1] = `${last} ${word}`;
    else all.push(word);
  }
  return all;
}

/** PNG. */
export async function pngFigure(drawing: ImageBitmap, figure: Figure): Promise<Blob> {
  const canvas = new OffscreenCanvas(figure.width, Math.ceil(figure.height));
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("the browser gives no canvas to draw on");
  context.fillStyle = ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(drawing, 0, figure.top);
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const { text, x, y, size, isBold, anchor, hasHalo } of figure.texts) {
    context.font = `${isBold ? "600 " : ""}${size}px ${font}`;
    context.textAlign = anchor === "middle" ? "center" : anchor;
    if (hasHalo) {
      context.strokeStyle = "#000";
      context.lineWidth = size / 5;
      context.strokeText(text, x, y);
    }
    context.fillStyle = ink;
    context.fillText(text, x, y);
  }
  const { x, y, width, height, stops } = figure.bar;
  const gradient = context.createLinearGradient(x, 0, x + width, 0);
  for (const { at, colour, opacity } of stops)
    gradient.addColorStop(at, `rgb(${colour.join(" ")} / ${opacity})`);
  context.fillStyle = "#000";
  context.fillRect(x, y, width, height);
  context.fillStyle = gradient;
  context.fillRect(x, y, width, height);
  return canvas.convertToBlob({ type: "image/png" });
}

/**
 * The same as SVG: words and scale as text and shapes, which a program for figures can edit, and the drawing as an image.
 * @param drawing - PNG, as a data URL.
 */
export function svgFigure(drawing: string, figure: Figure): string {
  const { width, height, top, drawingHeight, bar, texts } = figure;
  const number = (value: number) => String(Number(value.toFixed(2)));
  const stops = bar.stops.map(
    ({ at, colour, opacity }) =>
      `<stop offset="${number(100 * at)}%" stop-color="rgb(${colour.join(",")})" stop-opacity="${number(opacity)}"/>`,
  );
  const place = `x="${number(bar.x)}" y="${number(bar.y)}" width="${number(bar.width)}" height="${number(bar.height)}"`;
  const words = texts.map(({ text, x, y, size, isBold, anchor, hasHalo }) => {
    const halo = hasHalo
      ? ` stroke="#000" stroke-width="${number(size / 5)}" stroke-linejoin="round" paint-order="stroke"`
      : "";
    return `<text x="${number(x)}" y="${number(y)}" font-size="${number(size)}" text-anchor="${anchor}"${isBold ? ' font-weight="600"' : ""}${halo}>${escaped(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${number(width)}" height="${number(height)}" viewBox="0 0 ${number(width)} ${number(height)}">
<defs><linearGradient id="scale">${stops.join("")}</linearGradient></defs>
<rect width="100%" height="100%" fill="${ground}"/>
<image href="${drawing}" x="0" y="${number(top)}" width="${number(width)}" height="${number(drawingHeight)}" preserveAspectRatio="xMinYMin"/>
<rect ${place} fill="#000"/>
<rect ${place} fill="url(#scale)"/>
<g font-family="${font}" fill="${ink}" dominant-baseline="central">
${words.join("\n")}
</g>
</svg>
`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character] ?? "");
}
