import { elementAt, pauses, stepByStep } from "@voxplain/core";
import type { AttributionMethod } from "../attribution.ts";
import { baselineFrom, baselineOptions } from "../baseline.ts";
import { chunkSizeOption } from "../chunks.ts";
import { defineMethod } from "../define-method.ts";
import { chooseCoalitions, coalitionSteps } from "../numerics/shapley-coalitions.ts";
import { shapleyRegression } from "../numerics/shapley-regression.ts";
import { checkWhole, seedOption } from "../option-range.ts";
import { exactly } from "../passes.ts";
import { type RegionAttributionOptions, regionAttribution } from "../region-attribution.ts";
import { indexRegions, regionOptions } from "../regions.ts";

/** Options of KernelSHAP. */
export interface KernelShapOptions extends RegionAttributionOptions {
  /** Coalitions of regions that are computed, at least twice the number of regions; default 512. */
  readonly samples?: number;
  /** Default 0. Every input gets the same coalitions. */
  readonly seed?: number;
}

/**
 * The Shapley value of each region for the logit of the target, at each of its voxels; 0 in the background, which is
 * never hidden; [N, 1, ...spatial]. The regions' values add up to the logit of the input less that of the input with
 * all regions hidden. They are exact where `samples` is enough for all 2ᴹ − 2 coalitions of M regions.
 * Lundberg, Lee 2017, arXiv:1705.07874.
 * @throws VoxplainError `invalid-argument` for too few samples; `mismatch` for labels on another grid.
 */
export function kernelShap(options: KernelShapOptions): AttributionMethod {
  const { samples = 512, seed = 0 } = options;
  checkWhole("samples", samples, 1);
  checkWhole("seed", seed, 0);
  return regionAttribution(options, async (given, target) => {
    const { model, inputCount, regionCount } = given;
    const chosen = await stepByStep(coalitionSteps(regionCount, samples, seed), model.signal);
    const coalitions = [new Uint8Array(regionCount), ...chosen.members];
    const { length } = coalitions;
    const logits = await given.logitsOfInputs();
    const worths = new Float64Array(inputCount * length);
    await given.eachCoalition({
      count: worths.length,
      at: (variant) => ({
        n: Math.floor(variant / length),
        shown: elementAt(coalitions, variant % length),
      }),
      read: ({ data }, row, variant) => {
        worths[variant] = elementAt(data, row * model.classCount + target);
      },
    });
    const pause = pauses(model.signal);
    const values: Float64Array[] = [];
    for (let n = 0; n < inputCount; n++) {
      const [empty = 0, ...others] = worths.subarray(n * length, (n + 1) * length);
      const everybody = elementAt(logits.data, n * model.classCount + target);
      values.push(await shapleyRegression(chosen, others, empty, everybody, regionCount, pause));
    }
    return { values, logits };
  });
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
