// What is seen in a picture, pixel by pixel.
import { createCanvas, loadImage } from "@napi-rs/canvas";

export async function decode(file: Uint8Array) {
  const image = await loadImage(file);
  const context = createCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height);
}

export type Picture = Awaited<ReturnType<typeof decode>>;
export type Wanted = (red: number, green: number, blue: number) => boolean;

export const isWarm: Wanted = (r, g, b) => r > 60 && r > 1.4 * b && r >= g;
export const isCold: Wanted = (r, g, b) => b > 60 && b > 1.4 * r && b >= g;

export function pixelsWhere({ data, width }: Picture, wanted: Wanted): { x: number; y: number }[] {
  const found: { x: number; y: number }[] = [];
  for (let n = 0; n < data.length; n += 4) {
    if (!wanted(data[n] ?? 0, data[n + 1] ?? 0, data[n + 2] ?? 0)) continue;
    found.push({ x: (n / 4) % width, y: Math.floor(n / 4 / width) });
  }
  return found;
}
