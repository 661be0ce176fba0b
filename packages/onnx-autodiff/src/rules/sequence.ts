import { intAttribute } from "@voxplain/onnx-graph";
import { type GradientRules, inputOf, unary } from "../rule.ts";

/** Operators along an axis whose gradient is the operator itself, run the other way or as it is. */
export const sequenceRules: GradientRules = {
  // An element had a part in every sum behind it, so that it gets the sum of dy from there on.
  CumSum: unary((g, dy) => {
    const { attributes } = g.node;
    return g.emit("CumSum", [dy, inputOf(g, 1)], {
      exclusive: intAttribute(attributes, "exclusive", 0),
      reverse: 1 - intAttribute(attributes, "reverse", 0),
    });
  }),
  ReverseSequence: unary((g, dy) => g.emit("ReverseSequence", [dy, inputOf(g, 1)], g.node.attributes)),
  // What became 0 gets 0.
  Trilu: unary((g, dy) => g.emit("Trilu", [dy, ...g.x.slice(1)], g.node.attributes)),
};
