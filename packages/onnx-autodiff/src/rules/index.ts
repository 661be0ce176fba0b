import type { GradientRules } from "../rule.ts";
import { activationRules } from "./activations.ts";
import { arithmeticRules } from "./arithmetic.ts";
import { blockRules } from "./blocks.ts";
import { convolutionRules } from "./convolution.ts";
import { elementwiseRules } from "./elementwise.ts";
import { gatherRules } from "./gather.ts";
import { gatherNDRules } from "./gather-nd.ts";
import { gridSampleRules } from "./grid-sample.ts";
import { matmulRules } from "./matmul.ts";
import { movementRules } from "./movement.ts";
import { normalizationRules } from "./normalization.ts";
import { paddingRules } from "./padding.ts";
import { poolingRules } from "./pooling.ts";
import { reductionRules } from "./reduction.ts";
import { repetitionRules } from "./repetition.ts";
import { resizingRules } from "./resizing.ts";
import { scatterRules } from "./scatter.ts";
import { selectionRules } from "./selection.ts";
import { sequenceRules } from "./sequence.ts";
import { transcendentalRules } from "./transcendental.ts";

/**
 * The gradient of every operator that has one, by ONNX operator name. A method of attribution can be
 * another table: these rows, and some replaced.
 */
export const gradientRules: GradientRules = {
  ...activationRules,
  ...arithmeticRules,
  ...blockRules,
  ...convolutionRules,
  ...elementwiseRules,
  ...gridSampleRules,
  ...gatherRules,
  ...gatherNDRules,
  ...matmulRules,
  ...movementRules,
  ...normalizationRules,
  ...paddingRules,
  ...poolingRules,
  ...reductionRules,
  ...repetitionRules,
  ...resizingRules,
  ...scatterRules,
  ...selectionRules,
  ...sequenceRules,
  ...transcendentalRules,
};
