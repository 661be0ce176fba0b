/**
 * Pictures of maps, drawn in Node without a display and without installed fonts.
 *
 * ```ts
 * import { tensor } from "@voxplain/core";
 * import { renderMap2d } from "@voxplain/writers/pictures";
 *
 * const map = tensor("float32", [2, 3], Float32Array.of(-1, 0, 1, 0.5, 0, -0.5));
 * const jpeg = await renderMap2d(map, { vmax: 1 });
 * ```
 * @module @voxplain/writers/pictures
 */
export type { Rgb } from "./coolwarm.ts";
export { coolwarm, coolwarmColor } from "./coolwarm.ts";
export type { Curve, CurvesOptions } from "./curves-figure.ts";
export type { GlassBrainOptions, MarkedPlace } from "./glass-brain-figure.ts";
export type { Map2dOptions } from "./map-2d-figure.ts";
export type { Overlay2dOptions } from "./overlay-2d-figure.ts";
export type { PlaneViewOptions } from "./planes-figure.ts";
export {
  renderCurves,
  renderGlassBrain,
  renderMap2d,
  renderOverlay2d,
  renderPlanes,
  renderSlices,
  renderSmallPlanes,
} from "./render.ts";
export type { SlicesOptions } from "./slices-figure.ts";
export type { SmallPlanesOptions } from "./small-planes-figure.ts";
