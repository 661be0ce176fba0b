import { elementAt, elementCount, pauses, stepByStep, tensor } from "@voxplain/core";
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
import { chooseCoalitions, coalitionSteps } from "../numerics/shapley-coalitions.ts";
import { shapleyRegression } from "../numerics/shapley-regression.ts";
import { checkWhole, seedOption } from "../option-range.ts";
import { exactly } from "../passes.ts";
import {
  checkRegions,
  indexRegions,
  paintRegions,
  type Regions,
  regionOptions,
  writeShown,
} from "../regions.ts";

/** Options of KernelSHAP. */
export interface KernelShapOptions extends ChunkOptions {
  /** Labels, or the edge of cells; what the players are. */
  readonly regions: Regions;
  /** Coalitions of regions that are computed, at least twice the number of regions; default 512. */
  readonly samples?: number;
  /** Default 0. Every input gets the same coalitions. */
  readonly seed?: number;
  /** What stands in the regions that are not in the coalition; default "zero". */
  readonly baseline?: Baseline;
}

/**
 * The Shapley value of each region for the logit of the target, at each of its voxels; 0 in the background, which is
 * never hidden; [N, 1, ...spatial]. The regions' values add up to the logit of the input less that of the input with
 * all regions hidden. They are exact where `samples` is enough for all 2ᴹ − 2 coalitions of M regions.
 * Lundberg, Lee 2017, arXiv:1705.07874.
 * @throws VoxplainError `invalid-argument` for too few samples; `mismatch` for labels on another grid.
 */
export function kernelShap(options: KernelShapOptions): AttributionMethod {
  const { regions, samples = 512, seed = 0, baseline = "zero" } = options;
  checkRegions(regions);
  checkBaseline(baseline);
  checkChunkSize(options);
  checkWhole("samples", samples, 1);
  checkWhole("seed", seed, 0);
  return async (model, input, target) => {
    const { inputDims, classCount } = model;
    const spatial = inputDims.slice(1);
    const size = elementCount(spatial);
    const inputs = rowsOf(input);
    const index = indexRegions(regions, spatial);
    const { labels } = index;
    const pause = pauses(model.signal);
    const chosen = await stepByStep(coalitionSteps(labels.length, samples, seed), model.signal);
    const coalitions = [new Uint8Array(labels.length), ...chosen.members];
    const baselines = baselinesOf(baseline, inputs, inputDims);
    const logits = await logitsInChunks(model, inputs, options);
    const values = new Float64Array(inputs.length * coalitions.length);
    await eachVariant({
      ...options,
      count: values.length,
      dims: inputDims,
      write: (variant, into) => {
        const n = Math.floor(variant / coalitions.length);
        const shown = elementAt(coalitions, variant % coalitions.length);
        writeShown(shown, index, { input: elementAt(inputs, n), baseline: elementAt(baselines, n) }, into);
      },
      lender: lenderOf(model, "forward"),
      compute: (batch) => model.forward(batch),
      read: (result, row, variant) => {
        values[variant] = elementAt(result.data, row * classCount + target);
      },
    });
    const map = new Float32Array(inputs.length * size);
    for (const n of inputs.keys()) {
      const own = values.subarray(n * coalitions.length, (n + 1) * coalitions.length);
      const everybody = elementAt(logits.data, n * classCount + target);
      const empty = elementAt(own, 0);
      const shapley = await shapleyRegression(
        chosen,
        own.subarray(1),
        empty,
        everybody,
        labels.length,
        pause,
      );
      paintRegions(shapley, index, map.subarray(n * size, (n + 1) * size));
    }
    return { map: tensor("float32", [inputs.length, 1, ...spatial], map), logits };
  };
}

export const kernelShapEntry = defineMethod({
  name: "kernel-shap",
  title: "KernelSHAP",
  summary: "each region's share of the logit, averaged over the orders in which regions can be revealed",
  paper: "Lundberg, Lee 2017, arXiv:1705.07874",
  needs: "forward",
  channels: "one",
  options: {
    ...regionOptions,
    samples: {
      kind: "integer",
      default: 512,
      doc: "coalitions of regions that are computed, at least twice the number of regions",
    },
    ...seedOption,
    ...baselineOptions,
    ...chunkSizeOption,
  },
  // The input, the empty coalition, and each coalition between them.
  passes({ labels, cell, samples, seed }, [, ...spatial]) {
    const regions = indexRegions(labels ?? cell, spatial).labels.length;
    return exactly(chooseCoalitions(regions, samples, seed).members.length + 2);
  },
  create: ({ labels, cell, ...values }) =>
    kernelShap({ ...values, regions: labels ?? cell, baseline: baselineFrom(values) }),
});
