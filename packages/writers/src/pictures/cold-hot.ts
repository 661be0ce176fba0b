import type { Rgb } from "./coolwarm.ts";

/** From the edge of transparency to the end of the scale; lightness grows evenly, so strong stands out of grey. */
const hot: readonly Rgb[] = [
  [140, 8, 12],
  [222, 36, 16],
  [250, 128, 16],
  [255, 200, 48],
  [255, 244, 140],
];
const cold: readonly Rgb[] = [
  [20, 24, 140],
  [32, 72, 226],
  [20, 146, 246],
  [64, 204, 250],
  [150, 244, 255],
];

/** Values weaker than this share of the scale's end are not drawn, so that the anatomy stays readable. */
export const faintest = 0.1;

/** The colour of a value over anatomy, for `strength` = value / vmax: hot above zero, cold below. */
export function coldHotColor(strength: number): Rgb {
  const color = new Uint8ClampedArray(3);
  putColdHotColor(strength, color);
  return [color[0]!, color[1]!, color[2]!];
}

/** The same, written into the first three places of an array: a picture has a million pixels. */
export function putColdHotColor(strength: number, into: Uint8ClampedArray): void {
  const side = strength < 0 ? cold : hot;
  const position = Math.min(Math.abs(strength), 1) * (side.length - 1);
  const knot = Math.min(Math.floor(position), side.length - 2);
  const from = side[knot]!;
  const to = side[knot + 1]!;
  const share = position - knot;
  into[0] = Math.round(from[0] + share * (to[0] - from[0]));
  into[1] = Math.round(from[1] + share * (to[1] - from[1]));
  into[2] = Math.round(from[2] + share * (to[2] - from[2]));
}

/** 0 (transparent) up to `faintest`, then rising, steeply at first, to 0.95 at the end of the scale. */
export function overlayOpacity(strength: number): number {
  const beyond = (Math.min(Math.abs(strength), 1) - faintest) / (1 - faintest);
  return beyond > 0 ? 0.95 * Math.sqrt(beyond) : 0;
}

/** The colour of value / vmax where it is drawn over black. */
export function overlayColor(strength: number): number[] {
  return coldHotColor(strength).map((part) => part * overlayOpacity(strength));
}
