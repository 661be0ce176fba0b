import { type MapWarning, type Refinement, refinementWarning, runWarnings } from "@voxplain/saliency";
import type { PredictedImage } from "./explained-image.ts";
import type { ExplainedPart, PredictedPart } from "./explained-part.ts";
import { partName } from "./work.ts";

/** What is odd about the map of an image or a part. */
export interface WarnedMap {
  /** "sub-01 ses-M00 patch-3". */
  readonly name: string;
  /** Warnings about the map and its logits. */
  readonly warnings: readonly MapWarning[];
  /** What the network gives. */
  readonly logits: readonly number[];
  /** For maps that were refined until a tolerance is reached. */
  readonly refinement?: Refinement | undefined;
}

/** What the maps and logits of many images have in common, said once. */
export interface CohortWarnings {
  /** An image, whether it is kept or not. */
  add(image: PredictedImage<PredictedPart | ExplainedPart>): void;
  /** Maps of an image, as `warnedMaps` has them. */
  addMaps(maps: readonly WarnedMap[]): void;
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
  const addMaps = (maps: readonly WarnedMap[]) => {
    for (const one of maps) {
      ofMaps.add(one.name, one.warnings, one.logits);
      if ("refinement" in one) refinements.push(one.refinement);
    }
  };
  return {
    add: (image) => addMaps(warnedMaps(image)),
    addMaps,
    sentences(options) {
      const unrefined = refinementWarning(refinements);
      return [...(unrefined === undefined ? [] : [unrefined]), ...ofMaps.sentences(options)];
    },
  };
}

/** What is kept of the maps of an image for the warnings of its cohort. */
export function warnedMaps({
  input,
  parts,
}: PredictedImage<PredictedPart | ExplainedPart>): readonly WarnedMap[] {
  return parts.map((one) => ({
    ...{ name: partName(input, one.part), warnings: one.warnings, logits: one.prediction.logits },
    ...("refinement" in one && { refinement: one.refinement }),
  }));
}
