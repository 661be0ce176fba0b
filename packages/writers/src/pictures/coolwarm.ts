import { mshOf, rgbOf, type Triple } from "./msh.ts";

/** Red, green, blue, each 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Ends of the scale (sRGB, 0 to 1) as Moreland gives them: a cool blue and a warm red of equal lightness. */
const cool = [0.2298057, 0.298717966, 0.753683153] as const;
const warm = [0.705673158, 0.01555616, 0.150232812] as const;
/** Lightness of the neutral grey in the middle. */
const middle = 88;
const knots = 33;

/**
 * The 256 colours of matplotlib's `coolwarm`, from blue over grey to red, to the bit: the formula of
 * Moreland, "Diverging Color Maps for Scientific Visualization" (ISVC 2009), at 33 knots, and straight lines
 * in sRGB between them.
 */
export const coolwarm: readonly Rgb[] = Array.from({ length: 256 }, (_, n) => {
  const position = (n / 255) * (knots - 1);
  const knot = Math.min(Math.floor(position), knots - 2);
  const [from, to] = [diverging(knot / (knots - 1)), diverging((knot + 1) / (knots - 1))];
  const channel = (c: 0 | 1 | 2) => Math.trunc(255 * (from[c] + (position - knot) * (to[c] - from[c])));
  return [channel(0), channel(1), channel(2)];
});

/** The colour at `t` from 0 (cool) to 1 (warm), as matplotlib chooses it; beyond the ends, that of the end. */
export function coolwarmColor(t: number): Rgb {
  return coolwarm[Math.min(Math.max(Math.trunc(t * 256), 0), 255)] ?? coolwarm[0]!;
}

/** In Moreland's Msh space: from one end to grey, then from grey to the other. */
function diverging(t: number): Triple {
  const end = mshOf(t < 0.5 ? cool : warm);
  const grey: Triple = [middle, 0, hueAtGrey(end)];
  const share = t < 0.5 ? 2 * t : 2 - 2 * t;
  return rgbOf([mix(end[0], grey[0], share), mix(end[1], grey[1], share), mix(end[2], grey[2], share)]);
}

/** The hue turns away on the way to grey, so that the path looks straight to the eye. */
function hueAtGrey([magnitude, saturation, hue]: Triple): number {
  const turn = (saturation * Math.sqrt(middle ** 2 - magnitude ** 2)) / (magnitude * Math.sin(saturation));
  return hue > -Math.PI / 3 ? hue + turn : hue - turn;
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
