import { elementAt } from "@voxplain/core";
import type { AttributionMethod } from "../attribution.ts";
import { baselineFrom, baselineOptions } from "../baseline.ts";
import { chunkSizeOption } from "../chunks.ts";
import { defineMethod } from "../define-method.ts";
import { exactly } from "../passes.ts";
import { type RegionAttributionOptions, regionAttribution } from "../region-attribution.ts";
import { indexRegions, regionOptions } from "../regions.ts";
import { type Score, scoreOf, scoreOption } from "../score.ts";

/** Options of region occlusion. */
export interface RegionOcclusionOptions extends RegionAttributionOptions {
  /** Default "logit". */
  readonly score?: Score;
}

/**
 * How much the target's score drops when a region is hidden, at each of its voxels; 0 in the background;
 * [N, 1, ...spatial]. Regions are, say, those of an atlas.
 * Zeiler, Fergus 2014, arXiv:1311.2901, with regions for windows.
 * @throws VoxplainError `mismatch` for labels on another grid; `invalid-argument` for labels that are none.
 */
export function regionOcclusion(options: RegionOcclusionOptions): AttributionMethod {
  const { score = "logit" } = options;
  return regionAttribution(options, async (given, target) => {
    const { model, inputCount, regionCount } = given;
    const logits = await given.logitsOfInputs();
    const values = Array.from({ length: inputCount }, () => new Float64Array(regionCount));
    const placeOf = (variant: number) => ({
      n: Math.floor(variant / regionCount),
      region: variant % regionCount,
    });
    await given.eachCoalition({
      count: inputCount * regionCount,
      at: (variant) => {
        const { n, region } = placeOf(variant);
        return { n, shown: new Uint8Array(regionCount).fill(1).fill(0, region, region + 1) };
      },
      read: (result, row, variant) => {
        const { n, region } = placeOf(variant);
        elementAt(values, n)[region] =
          scoreOf(logits, n, target, score, model.decision) -
          scoreOf(result, row, target, score, model.decision);
      },
    });
    return { values, logits };
  });
}

export const regionOcclusionEntry = defineMethod({
  name: "region-occlusion",
  title: "Region occlusion",
  summary: "how much the target's logit drops when a region, of an atlas or of a grid, is hidden",
  paper: "Zeiler, Fergus 2014, arXiv:1311.2901",
  needs: "forward",
  channels: "one",
  options: { ...regionOptions, ...scoreOption, ...baselineOptions, ...chunkSizeOption },
  passes: ({ labels, cell }, [, ...spatial]) =>
    exactly(indexRegions(labels ?? cell, spatial).labels.length + 1),
  create: ({ labels, cell, ...values }) =>
    regionOcclusion({ ...values, regions: labels ?? cell, baseline: baselineFrom(values) }),
});
