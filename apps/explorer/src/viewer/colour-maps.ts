import { elementAt } from "@voxplain/core";
import { coldHotColor, coolwarm, type Rgb } from "@voxplain/writers";

/** Colours from 0 outwards, evenly spaced: for positive values, evidence for the target class, and for negative ones. */
export interface ColourMap {
  readonly label: string;
  readonly positive: readonly Rgb[];
  readonly negative: readonly Rgb[];
}

const shares = [0, 0.25, 0.5, 0.75, 1] as const;

/** The halves of a diverging scale of 256 colours. */
const halves = (scale: readonly Rgb[]) => ({
  positive: shares.map((share) => elementAt(scale, Math.round(128 + 127 * share))),
  negative: shares.map((share) => elementAt(scale, Math.round(127 - 127 * share))),
});

/** "#rrggbb" in a row, with a space between. */
const hex = (colours: string): readonly Rgb[] =>
  colours.split(" ").map((colour) => {
    const at = (from: number) => Number.parseInt(colour.slice(from, from + 2), 16);
    return [at(1), at(3), at(5)] as const;
  });

/** Scales that papers and viewers of the field use, under the names that they have there. */
export const colourMaps = {
  "cold-hot": {
    label: "Cold–hot",
    positive: shares.map((share) => coldHotColor(share)),
    // 0 itself is hot.
    negative: shares.map((share) => coldHotColor(Math.min(-share, -1e-9))),
  },
  "red-yellow": {
    label: "Red–yellow, blue–light blue (FSL)",
    positive: hex("#ff0000 #ff8000 #ffff00"),
    negative: hex("#0000ff #0080ff #00ffff"),
  },
  coolwarm: { label: "Cool–warm (symmetric)", ...halves(coolwarm) },
  "red-blue": {
    label: "RdBu (symmetric)",
    positive: hex("#f7f7f7 #fddbc7 #f4a582 #d6604d #b2182b #67001f"),
    negative: hex("#f7f7f7 #d1e5f0 #92c5de #4393c3 #2166ac #053061"),
  },
  viridis: {
    label: "Viridis, below 0 plasma",
    positive: hex("#440154 #482878 #3e4989 #31688e #26828e #1f9e89 #35b779 #6ece58 #b5de2b #fde725"),
    negative: hex("#0d0887 #46039f #7201a8 #9c179e #bd3786 #d8576b #ed7953 #fb9f3a #fdca26 #f0f921"),
  },
} as const satisfies Readonly<Record<string, ColourMap>>;

export type ColourMapName = keyof typeof colourMaps;

/** The colour at a share of the way from 0 to the end of the scale. */
export function colourAt(stops: readonly Rgb[], share: number): Rgb {
  const position = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const knot = Math.min(Math.floor(position), stops.length - 2);
  const [from, to] = [elementAt(stops, knot), elementAt(stops, knot + 1)];
  const channel = (c: 0 | 1 | 2) => Math.round(from[c] + (position - knot) * (to[c] - from[c]));
  return [channel(0), channel(1), channel(2)];
}
