import { branchingRules } from "./branching.ts";
import { constantRules } from "./constants.ts";
import { convolutionRules } from "./convolution.ts";
import { elementwiseRules } from "./elementwise.ts";
import type { ShapeRules } from "./known.ts";
import { linearRules } from "./linear.ts";
import { normalizationRules } from "./normalization.ts";
import { poolingRules } from "./pooling.ts";
import { reductionRules } from "./reduction.ts";
import { reshapingRules } from "./reshaping.ts";
import { resizingRules } from "./resizing.ts";
import { slicingRules } from "./slicing.ts";

/** One rule per standard operator. */
export const shapeRules: ShapeRules = {
  ...elementwiseRules,
  ...linearRules,
  ...convolutionRules,
  ...poolingRules,
  ...normalizationRules,
  ...reductionRules,
  ...reshapingRules,
  ...slicingRules,
  ...resizingRules,
  ...branchingRules,
  ...constantRules,
};
