import type { ExplainedImage } from "@voxplain/study";

/**
 * The strongest value of the 2D maps of an image whose pictures would look blank, drawn from −vmax to vmax; undefined
 * where they would not. The manual's end of the colour scale is far above most gradients.
 */
export function strongestOfPale({ parts }: Pick<ExplainedImage, "parts">, vmax: number): number | undefined {
  const strongest = parts
    .filter(({ map }) => map.dims.length === 3)
    .reduce((most, { map }) => map.data.reduce((top, value) => Math.max(top, Math.abs(value)), most), 0);
  return strongest === 0 || strongest > vmax / 20 ? undefined : strongest;
}
