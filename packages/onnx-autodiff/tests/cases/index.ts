import { activationCases } from "./activations.ts";
import { arithmeticCases } from "./arithmetic.ts";
import { blockCases } from "./blocks.ts";
import type { GradientCase } from "./case.ts";
import { computedShapeCases, splittingCases } from "./computed-shapes.ts";
import { einsumCases, unevenEinsumCases } from "./einsum.ts";
import { elementwiseCases } from "./elementwise.ts";
import { gridSampleCases } from "./grid-sample.ts";
import { indexingCases, sequenceCases } from "./indexing.ts";
import { furtherNormalizationCases, volumeResponseCases } from "./normalizations.ts";
import { paddingCases } from "./padding.ts";
import { furtherPoolingCases } from "./pooling.ts";
import { allReductionCases } from "./reductions.ts";
import { resizingCases } from "./resizing.ts";
import { convolutionCases, poolingCases } from "./spatial.ts";
import { matmulCases, movementCases, normalizationCases, reductionCases } from "./structure.ts";
import { transposedConvolutionCases, widelyPaddedTransposedCases } from "./transposed-convolution.ts";

/** At least one small graph per rule. */
export const gradientCases: readonly GradientCase[] = [
  ...convolutionCases,
  ...transposedConvolutionCases,
  ...poolingCases,
  ...resizingCases,
  ...furtherPoolingCases,
  ...paddingCases,
  ...blockCases,
  ...gridSampleCases,
  ...elementwiseCases,
  ...matmulCases,
  ...movementCases,
  ...splittingCases,
  ...indexingCases,
  ...sequenceCases,
  ...computedShapeCases,
  ...reductionCases,
  ...normalizationCases,
  ...activationCases,
  ...arithmeticCases,
  ...einsumCases,
  ...allReductionCases,
  ...furtherNormalizationCases,
];

/** Graphs that ONNX allows and ONNX Runtime does not execute. */
export const unexecutedCases: readonly GradientCase[] = [
  ...volumeResponseCases,
  ...unevenEinsumCases,
  ...widelyPaddedTransposedCases,
];
