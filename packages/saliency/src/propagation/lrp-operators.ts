import { elementAt } from "@voxplain/core";
import {
  type GradientRule,
  type GradientRules,
  gradientRules,
  type RuleContext,
  unary,
} from "@voxplain/onnx-autodiff";
import { stabilized } from "./lrp-rules.ts";
import { replaceRules } from "./replace-rules.ts";

/**
 * Relevance passes unchanged: activations (Bach et al. 2015), and normalizations, in whose place one may think their
 * neighbours' weights (Achtibat et al. 2024, arXiv:2402.05602). BatchNormalization is merged before where it can be.
 */
const passing =
  "Relu LeakyRelu PRelu ThresholdedRelu Elu Selu Celu Gelu Softplus HardSwish Mish Swish Sigmoid HardSigmoid Softsign Tanh Clip Shrink Abs Neg Exp Log Sqrt Reciprocal Pow Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Softmax LogSoftmax BatchNormalization InstanceNormalization LayerNormalization GroupNormalization MeanVarianceNormalization LpNormalization LRN";

/** Each summand takes its share of the sum, and weighted sums alike. */
const sharing =
  "Add Sum Mean Sub AveragePool GlobalAveragePool LpPool GlobalLpPool ReduceSum ReduceMean ReduceL1 ReduceL2 CumSum Resize Upsample";

/** x · ∂y/∂x · R / y: of a sum, x's part in it. */
function proportional(rule: GradientRule): GradientRule {
  return (g, [relevance, ...others]) => {
    if (relevance === undefined) return [];
    const share = g.emit("Div", [relevance, stabilized(g, elementAt(g.y, 0))]);
    const factors = rule(g, [share, ...others]);
    return factors.map((factor, input) => factor && g.emit("Mul", [factor, elementAt(g.x, input)]));
  };
}

/** Values between 0 and 1 that say how much of another value goes on. */
const gating = new Set(["Sigmoid", "HardSigmoid", "Softmax"]);
const movement = new Set(
  "Reshape Flatten Squeeze Unsqueeze Transpose Expand Identity Dropout Cast Slice Split Gather".split(" "),
);

function isGate(g: RuleContext, value: string): boolean {
  for (let node = g.producer(value); node !== undefined; node = g.producer(node.inputs[0] ?? "")) {
    if (gating.has(node.opType)) return true;
    if (!movement.has(node.opType)) return false;
  }
  return false;
}

/**
 * Two factors that both depend on the input: where one is a gate, all relevance goes to the other (Arras et al. 2017,
 * arXiv:1706.07206; attention weights: Ali et al. 2022, arXiv:2202.07304), else half to each (Achtibat et al. 2024).
 */
export function ofTwoFactors(rule: GradientRule): GradientRule {
  const shares = proportional(rule);
  return (g, [relevance]) => {
    if (relevance === undefined) return [];
    const [first, second] = [isGate(g, elementAt(g.x, 0)), isGate(g, elementAt(g.x, 1))];
    if (first !== second) {
      return shares({ ...g, wants: (input) => input === (first ? 1 : 0) && g.wants(input) }, [relevance]);
    }
    return shares(g, [g.emit("Mul", [relevance, g.float(0.5)])]);
  };
}

/** What does not come from the input has no part: a constant factor passes everything. */
function product(rule: GradientRule): GradientRule {
  const shared = ofTwoFactors(rule);
  return (g, dy) => (g.wants(0) && g.wants(1) ? shared(g, dy) : proportional(rule)(g, dy));
}

/** Relevance goes to the numerator, where there is one; what it is divided by is a scale. */
function quotient(rule: GradientRule): GradientRule {
  const shares = proportional(rule);
  return (g, [relevance]) => {
    if (g.wants(0)) return shares({ ...g, wants: (input) => input === 0 }, [relevance]);
    return [undefined, relevance && g.unbroadcast(relevance, g.dims(elementAt(g.y, 0)), elementAt(g.x, 1))];
  };
}

/** Between a value and constants it is an activation, such as ReLU; relevance of two values goes to the one that is chosen. */
function extremum(rule: GradientRule): GradientRule {
  return (g, dy) => {
    const [relevance] = dy;
    if (relevance === undefined || g.x.filter((_, input) => g.wants(input)).length > 1) return rule(g, dy);
    return g.x.map((x, input) =>
      g.wants(input) ? g.unbroadcast(relevance, g.dims(elementAt(g.y, 0)), x) : undefined,
    );
  };
}

/** There is no published rule for operators that multiply their inputs with each other: an error. */
const { ReduceProd, ReduceLogSum, ReduceSumSquare, Mod, ...additive } = gradientRules;

/** Relevance through all that is not a linear layer; by the gradient where an operator only moves or selects values. */
export const lrpOperators: GradientRules = {
  ...additive,
  ...replaceRules(passing, () => unary((_, relevance) => relevance)),
  ...replaceRules(sharing, proportional),
  ...replaceRules("Mul Einsum", product),
  ...replaceRules("Div", quotient),
  ...replaceRules("Max Min", extremum),
};
