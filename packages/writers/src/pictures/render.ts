import type { Tensor, Volume } from "@voxplain/core";
import { type Curve, type CurvesOptions, curvesFigure } from "./curves-figure.ts";
import { encodePng } from "./encode-png.ts";
import { type GlassBrainOptions, glassBrainFigure } from "./glass-brain-figure.ts";
import { type Map2dOptions, map2dFigure } from "./map-2d-figure.ts";
import { drawFigure } from "./node-canvas.ts";
import { type Overlay2dOptions, overlay2dFigure } from "./overlay-2d-figure.ts";
import { type PlaneViewOptions, planesFigure } from "./planes-figure.ts";

import { type SlicesOptions, slicesFigure } from "./slices-figure.ts";
import { type SmallPlanesOptions, smallPlanesFigure } from "./small-planes-figure.ts";

/** High enough that the middle of each voxel keeps its colour within a few of 255 levels. */
const jpegQuality = 95;

/**
 * A PNG, 1500 pixels wide: three planes of a map, in colours over the anatomy, through its strongest voxel.
 * Neurological convention (left is left), whatever the orientation of the volume.
 * @throws VoxplainError `mismatch` where map and anatomy are not on the same grid, `invalid-argument` for options
 * that cannot be.
 */
export async function renderPlanes(
  map: Volume,
  anatomy: Volume,
  options?: PlaneViewOptions,
): Promise<Uint8Array> {
  return encodePng(drawFigure(planesFigure(map, anatomy, options)));
}

/**
 * A JPEG of a 2D map [H, W] in matplotlib's coolwarm between −vmax and +vmax, first row on top, with a colour
 * bar.
 * @throws VoxplainError `invalid-argument` for another rank or a vmax that is not positive.
 */
export async function renderMap2d(map: Tensor<"float32">, options: Map2dOptions): Promise<Uint8Array> {
  return drawFigure(map2dFigure(map, options)).encode("jpeg", jpegQuality);
}

/**
 * A PNG of a 2D map [C, H, W] in colours over the image [C', H, W] that it explains, first row on top.
 * @throws VoxplainError `mismatch` where the sizes differ, `invalid-argument` for options that cannot be.
 */
export async function renderOverlay2d(
  map: Tensor<"float32">,
  image: Tensor<"float32">,
  options?: Overlay2dOptions,
): Promise<Uint8Array> {
  return encodePng(drawFigure(overlay2dFigure(map, image, options)));
}

/** A PNG of lines over common axes. @throws VoxplainError `invalid-argument` where there is nothing to plot. */
export async function renderCurves(curves: readonly Curve[], options: CurvesOptions): Promise<Uint8Array> {
  return encodePng(drawFigure(curvesFigure(curves, options)));
}

/**
 * A PNG, 900 pixels wide and without any title: three planes of a map, in colours over the anatomy where there is one, as
 * `renderPlanes` draws them, for pages that have words of their own.
 * @throws VoxplainError `mismatch` where map and anatomy are not on the same grid, `invalid-argument` for options that cannot be.
 */
export async function renderSmallPlanes(map: Volume, options?: SmallPlanesOptions): Promise<Uint8Array> {
  return encodePng(drawFigure(smallPlanesFigure(map, options)));
}

/**
 * A PNG, 900 pixels wide: axial slices of a map from bottom to top, in colours over the anatomy where there is one.
 * @throws VoxplainError as `renderSmallPlanes`.
 */
export async function renderSlices(map: Volume, options?: SlicesOptions): Promise<Uint8Array> {
  return encodePng(drawFigure(slicesFigure(map, options)));
}

/**
 * A PNG, 900 pixels wide, of a glass brain: the strongest value of a map along each of three axes, whatever is in front of it or
 * behind, over a projection of the anatomy and the outline of a mask; with marks at peaks.
 * @throws VoxplainError as `renderSmallPlanes`; `mismatch` for a mask of another length.
 */
export async function renderGlassBrain(map: Volume, options?: GlassBrainOptions): Promise<Uint8Array> {
  return encodePng(drawFigure(glassBrainFigure(map, options)));
}
