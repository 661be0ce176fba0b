import { overlayOpacity, putColdHotColor } from "./cold-hot.ts";
import type { Slice } from "./slices.ts";
import type { GreyWindow } from "./windowing.ts";

/** Pixels, four bytes each: red, green, blue, opacity. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** Paints a map in colours over a grey anatomy of the same number of pixels. */
export function paintOverlay(anatomy: Slice, map: Slice, window: GreyWindow, vmax: number): Pixels {
  const rgba = new Uint8ClampedArray(4 * anatomy.values.length);
  const contrast = 255 / (window.high - window.low || 1);
  const color = new Uint8ClampedArray(3);
  for (let n = 0; n < anatomy.values.length; n++) {
    const grey = Math.min(Math.max((anatomy.values[n]! - window.low) * contrast, 0), 255);
    const strength = map.values[n]! / vmax;
    const opacity = overlayOpacity(strength);
    // Most of a map is too weak for a colour, which takes most of the time.
    if (opacity > 0) putColdHotColor(strength, color);
    rgba[4 * n] = grey + (color[0]! - grey) * opacity;
    rgba[4 * n + 1] = grey + (color[1]! - grey) * opacity;
    rgba[4 * n + 2] = grey + (color[2]! - grey) * opacity;
    rgba[4 * n + 3] = 255;
  }
  return { width: anatomy.width, height: anatomy.height, rgba };
}

/** The colours of the scale from +vmax (top) to −vmax, as they look over black. */
export function paintScale(
  width: number,
  height: number,
  colorAt: (strength: number) => readonly number[],
): Pixels {
  const rgba = new Uint8ClampedArray(4 * width * height);
  for (let row = 0; row < height; row++) {
    const color = colorAt(1 - (2 * (row + 0.5)) / height);
    for (let column = 0; column < width; column++) rgba.set([...color, 255], 4 * (row * width + column));
  }
  return { width, height, rgba };
}
