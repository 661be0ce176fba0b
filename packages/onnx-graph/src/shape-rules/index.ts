import { elementwiseShapes } from "./elementwise.ts";
import type { ShapeRule } from "./known.ts";
import { linearShapes } from "./linear.ts";
import { movementShapes } from "./movement.ts";
import { reductionShapes } from "./reduction.ts";
import { spatialShapes } from "./spatial.ts";

/** One rule per standard operator. */
export const shapeRules: Readonly<Record<string, ShapeRule>> = {
  ...elementwiseShapes,
  ...linearShapes,
  ...movementShapes,
  ...reductionShapes,
  ...spatialShapes,
};
