import { intAttribute, reduce } from "@voxplain/onnx-graph";
import { type RuleContext, unary } from "../rule.ts";
import { exponential, multiply, subtract } from "./formula.ts";

const sumAlongAxis = (g: RuleContext, value: string) =>
  reduce(g, "ReduceSum", value, [intAttribute(g.node.attributes, "axis", -1)], true);

/** y·(dy − Σ dy·y) along the axis. */
export const softmax = unary((g, dy) =>
  multiply(g, g.y[0], subtract(g, dy, sumAlongAxis(g, multiply(g, dy, g.y[0])))),
);

/** dy − exp y · Σ dy along the axis. */
export const logSoftmax = unary((g, dy) =>
  subtract(g, dy, multiply(g, exponential(g, g.y[0]), sumAlongAxis(g, dy))),
);
