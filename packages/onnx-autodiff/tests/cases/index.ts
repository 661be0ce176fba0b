import type { GradientCase } from "./case.ts";
import { elementwiseCases } from "./elementwise.ts";
import { convolutionCases, poolingCases } from "./spatial.ts";
import { matmulCases, movementCases, normalizationCases, reductionCases } from "./structure.ts";

/** At least one small graph per rule. */
export const gradientCases: readonly GradientCase[] = [
  ...convolutionCases,
  ...poolingCases,
  ...elementwiseCases,
  ...matmulCases,
  ...movementCases,
  ...reductionCases,
  ...normalizationCases,
];
