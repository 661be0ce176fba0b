import { pointAt, type Volume, type Voxel } from "@voxplain/core";
import { type DrawingContext, drawPixels } from "./drawing.ts";
import { millimetreText } from "./number-text.ts";
import { paintOverlay } from "./overlay.ts";
import type { PlaneView } from "./plane-views.ts";
import { resizeSlice, type Slice, sliceOf } from "./slices.ts";
import { type GreyWindow, headWindow } from "./windowing.ts";

/** Where a plane is in a picture. */
interface PlaneFrame {
  readonly view: PlaneView;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What is drawn in it. */
interface PlaneContent {
  readonly map: Volume;
  /** Black without it. */
  readonly anatomy: Volume | undefined;
  readonly window: GreyWindow;
  readonly vmax: number;
}

/** Draws a plane of a map over that of the anatomy. */
export function drawPlane(
  context: DrawingContext,
  { view, x, y, width, height }: PlaneFrame,
  { map, anatomy, window, vmax }: PlaneContent,
): void {
  const under = resizeSlice(anatomySlice(anatomy, map, view, window), width, height);
  const over = resizeSlice(sliceOf(map, view, 0), width, height);
  drawPixels(context, paintOverlay(under, over, window, vmax), x, y);
}

/** Grey window of the anatomy; black where there is none. */
export function windowOf(anatomy: Volume | undefined): GreyWindow {
  return anatomy === undefined ? { low: 0, high: 1 } : headWindow(anatomy.data);
}

/** Where a plane cuts: "x = −26 mm". */
export function placeText({ affine }: Volume, view: PlaneView, voxel: Voxel): string {
  const axis = { sagittal: 0, coronal: 1, axial: 2 }[view.name];
  const place = pointAt(voxel, affine)[axis] ?? Number.NaN;
  return `${["x", "y", "z"][axis]} = ${millimetreText(place)} mm`;
}

/** What is below the map in a plane. */
function anatomySlice(anatomy: Volume | undefined, map: Volume, view: PlaneView, { low }: GreyWindow): Slice {
  if (anatomy !== undefined) return sliceOf(anatomy, view, low);
  const { values, ...size } = sliceOf(map, view, 0);
  return { ...size, values: values.fill(0) };
}
