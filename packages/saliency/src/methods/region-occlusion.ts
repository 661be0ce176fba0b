import { elementAt, elementCount, tensor } from "@voxplain/core";
import type { AttributionMethod } from "../attribution.ts";
import { type Baseline, baselineFrom, baselineOptions, baselinesOf, checkBaseline } from "../baseline.ts";
import {
  type ChunkOptions,
  checkChunkSize,
  chunkSizeOption,
  eachVariant,
  lenderOf,
  logitsInChunks,
  rowsOf,
} from "../chunks.ts";
import { defineMethod } from "../define-method.ts";
import { exactly } from "../passes.ts";
import {
  checkRegions,
  indexRegions,
  paintRegions,
  type Regions,
  regionOptions,
  writeShown,
} from "../regions.ts";
import { type Score, scoreOf, scoreOption } from "../score.ts";

/** Options of region occlusion. */
export interface RegionOcclusionOptions extends ChunkOptions {
  /** Labels, or the edge of cells; what is hidden one by one. */
  readonly regions: Regions;
  /** What stands in the region, in all channels; default "zero". */
  readonly baseline?: Baseline;
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
  const { regions, baseline = "zero", score = "logit" } = options;
  checkRegions(regions);
  checkBaseline(baseline);
  checkChunkSize(options);
  return async (model, input, target) => {
    const { inputDims } = model;
    const spatial = inputDims.slice(1);
    const size = elementCount(spatial);
    const inputs = rowsOf(input);
    const index = indexRegions(regions, spatial);
    const { length } = index.labels;
    const baselines = baselinesOf(baseline, inputs, inputDims);
    const logits = await logitsInChunks(model, inputs, options);
    const drops = new Float64Array(inputs.length * length);
    await eachVariant({
      ...options,
      count: drops.length,
      dims: inputDims,
      write: (variant, into) => {
        const n = Math.floor(variant / length);
        const shown = new Uint8Array(length).fill(1).fill(0, variant % length, (variant % length) + 1);
        writeShown(shown, index, { input: elementAt(inputs, n), baseline: elementAt(baselines, n) }, into);
      },
      lender: lenderOf(model, "forward"),
      compute: (batch) => model.forward(batch),
      read: (result, row, variant) => {
        const n = Math.floor(variant / length);
        drops[variant] =
          scoreOf(logits, n, target, score, model.decision) -
          scoreOf(result, row, target, score, model.decision);
      },
    });
    const map = new Float32Array(inputs.length * size);
    for (const n of inputs.keys()) {
      const own = drops.subarray(n * length, (n + 1) * length);
      paintRegions(own, index, map.subarray(n * size, (n + 1) * size));
    }
    return { map: tensor("float32", [inputs.length, 1, ...spatial], map), logits };
  };
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
