import { elementAt, VoxplainError } from "@voxplain/core";
import { type GradientRule, gradientRules, inputOf, type RuleContext } from "@voxplain/onnx-autodiff";
import { type Model, withBatchLengths, withFreeBatch } from "@voxplain/onnx-graph";
import type { Propagation } from "../attribution.ts";
import { type Halves, halvesLike } from "./halves.ts";
import { replaceRules } from "./replace-rules.ts";
import { withInputs } from "./with-inputs.ts";

/** Below it a change of an activation's input counts as none, and the gradient takes the place of the quotient. */
const smallestChange = 1e-10;

/** Functions of each element. Others that are not linear keep their gradient, and with it a part of `delta`. */
const elementwise =
  "Relu LeakyRelu PRelu ThresholdedRelu Elu Selu Celu Gelu Softplus HardSwish Mish Swish Sigmoid HardSigmoid Softsign Tanh Clip Shrink Abs Exp Log Sqrt Reciprocal Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh";
const selecting = "MaxPool GlobalMaxPool ReduceMax ReduceMin";

/**
 * Multipliers of DeepLIFT's rescale rule, for a batch whose first half are inputs and whose second half are their
 * baselines; both halves have the same multipliers.
 */
export const rescalePropagation: Propagation = {
  rules: {
    ...gradientRules,
    ...replaceRules(elementwise, rescaled),
    ...replaceRules("Pow", (rule) => (g, dy) => (g.wants(1) ? rule(g, dy) : rescaled(rule)(g, dy))),
    ...replaceRules(selecting, selected),
    ...replaceRules("Mul MatMul Einsum", bilinear),
    ...replaceRules("Div", quotient),
  },
  prepare: withKnownBatch,
};

/** m · Δy/Δx, the same for both halves. */
function rescaled(rule: GradientRule): GradientRule {
  return (g, dy) => {
    const [m] = dy;
    if (m === undefined || !g.wants(0)) return [];
    const [gradient] = rule(g, dy);
    if (gradient === undefined) return [];
    const [output, ofInput] = [elementAt(g.y, 0), elementAt(g.x, 0)];
    const parts = halvesLike(g, output);
    const [x, y] = [parts.change(ofInput), parts.change(output)];
    return [quotientOr(g, parts.twice(g.emit("Mul", [parts.first(m), y])), x, parts, gradient)];
  };
}

/**
 * With the maxima y and y₀ of a window in input and baseline, max(y, y₀) − y₀ goes to where y came from, y − max(y, y₀) to
 * where y₀ did, both over the change there.
 */
function selected(rule: GradientRule): GradientRule {
  return (g, dy) => {
    const [m] = dy;
    if (m === undefined || !g.wants(0)) return [];
    const [output, x] = [elementAt(g.y, 0), elementAt(g.x, 0)];
    const maxima = halvesLike(g, output);
    const parts = halvesLike(g, x);
    const [y, baseline] = [maxima.first(output), maxima.second(output)];
    // Input and baseline change places where an operator selects minima, which gives the same sum.
    const top = g.emit("Max", [y, baseline]);
    const shares = maxima.both(g.emit("Sub", [top, baseline]), g.emit("Sub", [y, top]));
    const [routed] = rule(g, [g.emit("Mul", [m, shares])]);
    const [gradient] = rule(g, dy);
    if (routed === undefined || gradient === undefined) return [];
    const sum = parts.twice(g.emit("Add", [parts.first(routed), parts.second(routed)]));
    return [quotientOr(g, sum, parts.change(x), parts, gradient)];
  };
}

/** dividend / Δx, both of them whole batches; where Δx is none, the gradient. */
function quotientOr(
  g: RuleContext,
  dividend: string,
  change: string,
  parts: Halves,
  gradient: string,
): string {
  const still = g.emit("Less", [g.emit("Abs", [change]), g.float(smallestChange)]);
  const divisor = g.emit("Where", [still, g.float(1), change]);
  return g.emit("Where", [parts.twice(still), gradient, g.emit("Div", [dividend, parts.twice(divisor)])]);
}

/** Δ(a·b) = Δa · mean b + mean a · Δb, with the means of input and baseline: nothing is left over. */
function bilinear(rule: GradientRule): GradientRule {
  return (g, dy) => {
    const [, , third] = g.x;
    if (!g.wants(0) || !g.wants(1) || third !== undefined) return rule(g, dy);
    const means = g.x.map((x) => halvesLike(g, x).mean(x));
    return rule(withInputs(g, means), dy);
  };
}

/** a/b = a · (1/b), and Δ(1/b)/Δb = −1/(b·b₀). */
function quotient(rule: GradientRule): GradientRule {
  return (g, dy) => {
    const [m] = dy;
    if (m === undefined || !g.wants(1)) return rule(g, dy);
    const [a, b] = [g.x[0], inputOf(g, 1)];
    const parts = halvesLike(g, b);
    const inverse = g.emit("Reciprocal", [b]);
    const broadcast = (value: string, to: string) => g.unbroadcast(value, g.dims(elementAt(g.y, 0)), to);
    const ofB = g.emit("Mul", [parts.twice(parts.first(inverse)), parts.twice(parts.second(inverse))]);
    const numerator = g.wants(0) ? halvesLike(g, a).mean(a) : a;
    return [
      g.wants(0) ? broadcast(g.emit("Mul", [m, parts.mean(inverse)]), a) : undefined,
      broadcast(g.emit("Neg", [g.emit("Mul", [m, g.emit("Mul", [numerator, ofB])])]), b),
    ];
  };
}

/** The model with stated places of its images. @throws VoxplainError `unsupported` for a network that takes one input at a time. */
function withKnownBatch(model: Model): Model {
  if (!model.graph.inputs.some(({ dims }) => typeof dims?.[0] === "number")) return withBatchLengths(model);
  const { obstacle } = withFreeBatch(model);
  const reason = obstacle === undefined ? "" : ` (${obstacle})`;
  throw new VoxplainError(
    "unsupported",
    `DeepLIFT computes each input together with its baseline, but this network takes one input at a time${reason}`,
    { hint: "take integrated gradients or expected gradients, which have a baseline too" },
  );
}
