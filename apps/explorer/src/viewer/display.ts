import type { ColourMapName } from "./colour-maps.ts";
import { hasGraphicsCard } from "./graphics-card.ts";

/** What is seen of a volume: three planes, with a rendering or without, slices as papers print them, or the rendering alone. */
export const views = ["planes", "planes-only", "axial", "coronal", "sagittal", "rendering"] as const;

/** One of the views. */
export type View = (typeof views)[number];

export function hasRendering(view: View): boolean {
  return view === "planes" || view === "rendering";
}

/** What is seen at first: without a graphics card, the rendering is left out until it is asked for. */
export function usualView(): View {
  return hasGraphicsCard() ? "planes" : "planes-only";
}

/** How maps are drawn; the same for all that are shown. */
export interface Display {
  /** Share of the colour scale below which nothing is drawn, 0 to 1. */
  readonly threshold: number;
  /** Values below the threshold fade towards 0 instead of being hidden. */
  readonly fades: boolean;
  readonly opacity: number;
  readonly colours: ColourMapName;
  /** Draws the size of values only. */
  readonly absolute: boolean;
  /** Where the colours end; undefined: at the 99.9th percentile of |map|. */
  readonly end: number | undefined;
  readonly view: View;
  /** The left of the brain is at the right of the picture. */
  readonly radiological: boolean;
  readonly crosshair: boolean;
}

/** How opaque the map is where its value has this share of the end of the scale. */
export function opacityAt(
  share: number,
  { threshold, fades, opacity }: Pick<Display, "threshold" | "fades" | "opacity">,
): number {
  if (share <= 0) return 0;
  if (share >= threshold) return opacity;
  // As NiiVue fades.
  return fades ? opacity * (share / threshold) ** 2 : 0;
}

/**
 * How maps are drawn at first. Opacity rises with the value up to half of the scale, so that coarse maps, which are high in most
 * of the image and in the air around the head, hide no anatomy and have no edges where none are (Taylor et al. 2023, NeuroImage
 * 274:120138).
 */
export const usualDisplay = { threshold: 0.5, fades: true, opacity: 0.6 } as const;
