import { type Refinement, refinementWarning, runWarnings } from "@voxplain/saliency";
import type { PredictedImage } from "./explained-image.ts";
import type { ExplainedPart, PredictedPart } from "./explained-part.ts";
import { partName } from "./work.ts";

/** What the maps and logits of many images have in common, said once. */
export interface CohortWarnings {
  /** An image, whether it is kept or not. */
  add(image: PredictedImage<PredictedPart | ExplainedPart>): void;
  /** A sentence for each kind of warning, with how many maps it concerns. */
  sentences(options?: {
    /** The maps were averaged: the sentence about values that are not finite names every image. */
    readonly averaged?: boolean;
  }): readonly string[];
}

/** None yet; its memory is that of a few numbers for each map. */
export function cohortWarnings(): CohortWarnings {
  const ofMaps = runWarnings();
  const refinements: (Refinement | undefined)[] = [];
  return {
    add({ input, parts }) {
      for (const one of parts) {
        ofMaps.add(partName(input, one.part), one.warnings, one.prediction.logits);
        if ("refinement" in one) refinements.push(one.refinement);
      }
    },
    sentences(options) {
      const unrefined = refinementWarning(refinements);
      return [...(unrefined === undefined ? [] : [unrefined]), ...ofMaps.sentences(options)];
    },
  };
}
