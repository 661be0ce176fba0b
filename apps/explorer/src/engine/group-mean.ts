import { identityAffine, mapVolume, tensor } from "@voxplain/core";
import { type CohortWarnings, cohortWarnings, type GroupMaps, groupMaps } from "@voxplain/study";
import type { Explanation, ExplanationRequest } from "./engine.ts";
import { type Explained, fromZeroToOne } from "./explain.ts";
import type { ExplainedSources } from "./explained-sources.ts";

/** Adds explained images up; its memory is that of one image. */
export interface MeanSum {
  readonly count: number;
  /** @throws VoxplainError `mismatch` for a map of another shape or position. */
  add(explained: Explained, trueClass: string | undefined, seconds: number): void;
  /** The mean map over the mean image. Its prediction is the mean of the probabilities, or of the numbers that a regression gives. @throws VoxplainError where none was added. */
  mean(): Explanation;
}

/** @param kernelUses - What computed the first blocks, asked when the mean is taken. */
export function meanSum(request: ExplanationRequest, kernelUses: () => Explanation["kernelUses"]): MeanSum {
  const maps: GroupMaps = groupMaps({ request: {} });
  const ofMaps: CohortWarnings = cohortWarnings();
  const warnings = new Set<string>();
  const classes = new Set<string | undefined>();
  const mapWarnings: Explanation["mapWarnings"][number][] = [];
  let probabilities: number[] = [];
  let outputs: number[] = [];
  let seconds = 0;
  let sources: ExplainedSources | undefined;
  return {
    get count() {
      return maps.count;
    },
    add({ image, warnings: ofImage, sources: ofFiles }, trueClass, taken) {
      maps.add(image);
      sources = { ...ofFiles, images: [...(sources?.images ?? []), ...ofFiles.images] };
      ofMaps.add(image);
      const own = cohortWarnings();
      own.add(image);
      const ofMap = [...own.sentences()];
      for (const warning of ofImage) if (!ofMap.includes(warning)) warnings.add(warning);
      mapWarnings.push(...image.parts.flatMap((part) => part.warnings));
      const { prediction } = image;
      probabilities = prediction.probabilities.map((p, k) => p + (probabilities[k] ?? 0));
      outputs = (prediction.logits ?? []).map((value, k) => value + (outputs[k] ?? 0));
      classes.add(trueClass);
      seconds += taken;
    },
    mean() {
      const { count, affine = identityAffine, recomposed, ofInputs } = maps.mean();
      const drawn = recomposed ?? ofInputs;
      if (drawn === undefined || sources === undefined)
        throw new RangeError("maps that were added have a mean");
      const { dims, data } = drawn.map;
      const map = tensor("float32", recomposed ? [1, ...dims] : dims, data);
      const volume = mapVolume(map, affine);
      const means = probabilities.map((sum) => sum / count);
      const { anatomy = new Float32Array() } = drawn;
      return {
        image: {
          id: "mean",
          name: `mean of ${count} images`,
          trueClass: classes.size === 1 ? [...classes][0] : undefined,
        },
        ...{ request, seconds, mapWarnings, stored: map, relativeDelta: undefined, sources },
        kernelUses: kernelUses(),
        prediction: {
          probabilities: means,
          predictedClass: Math.max(0, means.indexOf(Math.max(...means))),
          // The mean of logits is no prediction of a class.
          ...(means.length === 0 && { logits: outputs.map((sum) => sum / count) }),
        },
        map: volume,
        anatomy: { ...volume, data: fromZeroToOne(anatomy.subarray(0, volume.data.length)) },
        isPlaced: maps.mean().affine !== undefined,
        warnings: [...warnings, ...ofMaps.sentences({ averaged: true })],
      };
    },
  };
}
