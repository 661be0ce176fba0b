import { element } from "../element.ts";
import { type ColourMap, colourAt } from "./colour-maps.ts";
import { type Display, opacityAt } from "./display.ts";
import type { ValueRange } from "./geometry.ts";

/** A colour at a share of the way along a scale. */
export interface ScaleStop {
  readonly at: number;
  readonly colour: readonly [number, number, number];
  readonly opacity: number;
}

/** What the colours of a map stand for. */
export interface Legend {
  /** The value at the left end of the scale, and whether the map has smaller ones, which get the same colour. */
  readonly from: number;
  readonly goesBelow: boolean;
  /** The value at the right end. */
  readonly to: number;
  readonly goesAbove: boolean;
  /** From left to right. */
  readonly stops: readonly ScaleStop[];
  /** What happens to weak values; "" where all are drawn. */
  readonly weak: string;
}

const steps = 32;

/**
 * The scale of a map: symmetric where it has values on both sides of 0, else from 0 to its end.
 * @param limit - The absolute value at which colours end.
 */
export function legendOf(
  { least, most }: ValueRange,
  limit: number,
  { positive, negative }: ColourMap,
  display: Pick<Display, "threshold" | "fades" | "absolute">,
): Legend {
  const hasNegative = !display.absolute && least < 0;
  const hasPositive = display.absolute || most > 0 || !hasNegative;
  const opacity = (share: number) => opacityAt(share, { ...display, opacity: 1 });
  const edge = display.threshold;
  // Where weak values end there are two colours at one place.
  const shares = [
    ...Array.from({ length: steps + 1 }, (_, k) => k / steps).filter((share) => share < edge),
    ...(edge > 0 ? [edge - 1e-6] : []),
    edge,
    ...Array.from({ length: steps + 1 }, (_, k) => k / steps).filter((share) => share > edge),
  ];
  const side = (colours: ColourMap["positive"]) =>
    shares.map((share) => ({ at: share, colour: colourAt(colours, share), opacity: opacity(share) }));
  const left = hasNegative ? side(negative).reverse() : [];
  const right = hasPositive ? side(positive) : [];
  const isBoth = hasNegative && hasPositive;
  const stops = [
    ...left.map((stop) => ({ ...stop, at: isBoth ? 0.5 - stop.at / 2 : 1 - stop.at })),
    ...right.map((stop) => ({ ...stop, at: isBoth ? 0.5 + stop.at / 2 : stop.at })),
  ];
  const weakest = numberText(edge * limit, 2);
  return {
    from: hasNegative ? -limit : 0,
    goesBelow: hasNegative && least < -limit,
    to: hasPositive ? limit : 0,
    goesAbove: most > limit || (display.absolute && least < -limit),
    stops,
    weak: edge === 0 ? "" : `below ${isBoth ? "±" : ""}${weakest} ${display.fades ? "faded" : "hidden"}`,
  };
}

/** The numbers at the ends of a scale. */
export function endsOf({ from, goesBelow, to, goesAbove }: Legend): readonly [string, string] {
  const text = (value: number) => (value === 0 ? "0" : numberText(value, 2));
  return [(goesBelow ? "≤ " : "") + text(from), (goesAbove ? "≥ " : "") + text(to)];
}

export function legendNodes(legend: Legend): readonly Node[] {
  const [from, to] = endsOf(legend);
  const bar = element("span", { class: "bar", role: "img", "aria-label": `Colours from ${from} to ${to}` });
  const colours = legend.stops.map(
    ({ at, colour, opacity }) => `rgb(${colour.join(" ")} / ${opacity.toFixed(3)}) ${(100 * at).toFixed(3)}%`,
  );
  bar.style.backgroundImage = `linear-gradient(to right, ${colours.join(", ")})`;
  const part = element("span", { class: "part" }, element("span", {}, from), bar, element("span", {}, to));
  return legend.weak === "" ? [part] : [part, element("span", { class: "weak" }, legend.weak)];
}

/** Four digits are more than the maps of two runtimes share. */
export function numberText(value: number, digits = 4): string {
  return Number.isFinite(value) ? value.toPrecision(digits).replaceAll("-", "−") : "–";
}
