/** Colours of a map: for positive values, evidence for the target class, and for negative ones. */
export interface ColourMap {
  readonly label: string;
  readonly positive: string;
  readonly negative: string;
}

/** By name; NiiVue knows the colours. */
export const colourMaps = {
  "warm-cool": { label: "Warm and cool", positive: "warm", negative: "blue2cyan" },
  "red-blue": { label: "Red and blue", positive: "red", negative: "blue" },
  hot: { label: "Hot and electric blue", positive: "hot", negative: "electric_blue" },
  viridis: { label: "Viridis and plasma", positive: "viridis", negative: "plasma" },
} as const satisfies Readonly<Record<string, ColourMap>>;

export type ColourMapName = keyof typeof colourMaps;

/** How maps are drawn; the same for all that are shown. */
export interface Display {
  /** Share of the colour range below which nothing is drawn, 0 to 1. */
  readonly threshold: number;
  readonly opacity: number;
  readonly colours: ColourMapName;
  /** Draws the size of values only. */
  readonly absolute: boolean;
}
