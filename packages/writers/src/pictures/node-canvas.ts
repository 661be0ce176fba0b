import { fileURLToPath } from "node:url";
import { type Canvas, createCanvas, GlobalFonts } from "@napi-rs/canvas";
import type { DrawingContext, Figure } from "./drawing.ts";

/** The package brings its letters along: a server often has no fonts, and text would silently be missing. */
const fonts = {
  regular: { family: "Voxplain Inter", file: "inter-regular.woff2" },
  semibold: { family: "Voxplain Inter Semibold", file: "inter-semibold.woff2" },
} as const;

/** Draws a figure on a canvas. */
export function drawFigure(figure: Figure): Canvas {
  for (const { family, file } of Object.values(fonts)) {
    if (GlobalFonts.has(family)) continue;
    // Two folders up from here, be it src/pictures or dist/pictures.
    GlobalFonts.registerFromPath(fileURLToPath(new URL(`../../fonts/${file}`, import.meta.url)), family);
  }
  const canvas = createCanvas(figure.width, figure.height);
  // The same as a browser's but for the type of ImageData, which goes from one of its methods to another.
  const context = canvas.getContext("2d") as unknown as DrawingContext;
  figure.draw(context, {
    regular: `"${fonts.regular.family}", sans-serif`,
    semibold: `"${fonts.semibold.family}", sans-serif`,
  });
  return canvas;
}
