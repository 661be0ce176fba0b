import { floatAttribute, stringAttribute } from "@voxplain/onnx-graph";
import {
  broadcasting,
  type GradientRule,
  type GradientRules,
  inputOf,
  type RuleContext,
  unary,
} from "../rule.ts";
import { constantNumbers } from "./attributes.ts";
import {
  add,
  and,
  divide,
  exponential,
  greater,
  less,
  multiply,
  or,
  square,
  subtract,
  where,
} from "./formula.ts";
import { logSoftmax, softmax } from "./softmax.ts";

const setting = (g: RuleContext, name: string, fallback: number) =>
  floatAttribute(g.node.attributes, name, fallback);
const positive = (g: RuleContext, value: string) => greater(g, value, 0);

/**
 * Where x is positive. The output says so too where α ≥ 0; asking it lets the runtime free the input,
 * or fuse the operator with the one before.
 */
const inputIsPositive = (g: RuleContext, alpha: number) => positive(g, alpha >= 0 ? g.y[0] : g.x[0]);

/** dy at x > 0, α·dy elsewhere, 0 included: as PyTorch. */
const leakyRelu = unary((g, dy) => {
  const alpha = setting(g, "alpha", 0.01);
  return where(g, inputIsPositive(g, alpha), dy, multiply(g, dy, alpha));
});

/** dy at x > 0, slope·dy elsewhere; the slope gets x·dy where x ≤ 0. */
const parametricRelu = broadcasting((g, dy, input) => {
  const [x, slope] = [g.x[0], inputOf(g, 1)];
  return input === 0
    ? where(g, positive(g, x), dy, multiply(g, dy, slope))
    : where(g, positive(g, x), 0, multiply(g, dy, x));
});

/** α·(exp x − 1), at x ≤ 0, has the derivative y + α. */
const elu = unary((g, dy) => {
  const alpha = setting(g, "alpha", 1);
  return where(g, inputIsPositive(g, alpha), dy, multiply(g, dy, add(g, g.y[0], alpha)));
});

/** γ·x at x > 0; γ·α·(exp x − 1), elsewhere, has the derivative y + γ·α. */
const selu = unary((g, dy) => {
  const alpha = setting(g, "alpha", 1.6732631921768188);
  const gamma = setting(g, "gamma", 1.0507010221481323);
  const slope = where(g, positive(g, g.x[0]), gamma, add(g, g.y[0], gamma * alpha));
  return multiply(g, dy, slope);
});

/** α·(exp(x/α) − 1), at x ≤ 0, has the derivative exp(x/α). */
const celu = unary((g, dy) => {
  const slope = add(g, divide(g, g.y[0], setting(g, "alpha", 1)), 1);
  return where(g, positive(g, g.x[0]), dy, multiply(g, dy, slope));
});

/** dy where |x| > λ: as PyTorch's hardshrink and softshrink. */
const shrink = unary((g, dy) => {
  const lambda = setting(g, "lambd", 0.5);
  const kept = or(g, greater(g, g.x[0], lambda), less(g, g.x[0], -lambda));
  return where(g, kept, dy, 0);
});

/** From 0 to 6: what PyTorch's and Keras's ReLU6 are exported as. */
const isRelu6 = (g: RuleContext) =>
  constantNumbers(g, g.x[1])?.[0] === 0 && constantNumbers(g, g.x[2])?.[0] === 6;

/**
 * dy where low ≤ x ≤ high, both included, as PyTorch's clamp; at the bounds of ReLU6 it is 0, as PyTorch's relu6.
 * A bound gets dy where x is beyond it, and high gets all of it where low > high.
 */
const clip: GradientRule = (g, [dy]) => {
  if (dy === undefined) return [];
  const [x, low, high] = g.x;
  const crossed = low && high ? () => greater(g, low, high) : undefined;
  const inside = () => {
    if (low && high && isRelu6(g)) return and(g, greater(g, x, low), less(g, x, high));
    const notBelow = low ? g.emit("GreaterOrEqual", [x, low]) : undefined;
    const notAbove = high ? g.emit("LessOrEqual", [x, high]) : undefined;
    return notBelow && notAbove ? and(g, notBelow, notAbove) : (notBelow ?? notAbove);
  };
  const below = (bound: string) => {
    const condition = less(g, x, bound);
    return crossed ? and(g, condition, g.emit("Not", [crossed()])) : condition;
  };
  const above = (bound: string) => {
    const condition = greater(g, x, bound);
    return crossed ? or(g, condition, crossed()) : condition;
  };
  const part = (condition: string | undefined) => (condition ? where(g, condition, dy, 0) : dy);
  const ofBound = (condition: string, bound: string) => g.unbroadcast(part(condition), g.dims(g.y[0]), bound);
  return [
    g.wants(0) ? part(inside()) : undefined,
    low && g.wants(1) ? ofBound(below(low), low) : undefined,
    high && g.wants(2) ? ofBound(above(high), high) : undefined,
  ];
};

/** α·dy strictly between the bounds 0 and 1, 0 at and beyond them: as PyTorch. */
const hardSigmoid = unary((g, dy) => {
  const between = and(g, greater(g, g.y[0], 0), less(g, g.y[0], 1));
  return where(g, between, multiply(g, dy, setting(g, "alpha", 0.2)), 0);
});

/** x·(x/6 + 1/2) has the derivative x/3 + 1/2, which holds at −3 and 3 themselves: as PyTorch. */
const hardSwish = unary((g, dy) => {
  const x = g.x[0];
  const middle = add(g, divide(g, x, 3), 0.5);
  const slope = where(g, less(g, x, -3), 0, where(g, greater(g, x, 3), 1, middle));
  return multiply(g, dy, slope);
});

/** x/(1 + |x|): 1/(1 + |x|)². */
const softsign = unary((g, dy) => divide(g, dy, square(g, add(g, g.emit("Abs", [g.x[0]]), 1))));

/** x·t with t = tanh(ln(1 + exp x)): t + x·(1 − t²)·σ(x). */
const mish = unary((g, dy) => {
  const x = g.x[0];
  const t = g.emit("Tanh", [g.emit("Softplus", [x])]);
  const slope = multiply(g, subtract(g, 1, square(g, t)), g.emit("Sigmoid", [x]));
  return multiply(g, dy, add(g, t, multiply(g, x, slope)));
});

/** x·Φ(x): Φ(x) + x·φ(x), the normal distribution and its density. */
function geluSlope(g: RuleContext, x: string): string {
  const distribution = multiply(g, add(g, g.emit("Erf", [multiply(g, x, Math.SQRT1_2)]), 1), 0.5);
  const density = multiply(g, exponential(g, multiply(g, square(g, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(g, distribution, multiply(g, x, density));
}

/** x·(1 + t)/2 with t = tanh u, u = √(2/π)·(x + 0.044715·x³): (1 + t)/2 + x·(1 − t²)·u'/2. */
function tanhGeluSlope(g: RuleContext, x: string): string {
  const scale = Math.sqrt(2 / Math.PI);
  const cubic = 0.044715;
  const squared = square(g, x);
  const u = multiply(g, x, add(g, multiply(g, squared, cubic * scale), scale));
  const t = g.emit("Tanh", [u]);
  const rise = add(g, multiply(g, squared, 3 * cubic * scale), scale);
  const bend = multiply(g, multiply(g, x, subtract(g, 1, square(g, t))), rise);
  return multiply(g, add(g, add(g, t, 1), bend), 0.5);
}

const gelu = unary((g, dy) => {
  const approximate = stringAttribute(g.node.attributes, "approximate", "none");
  return multiply(g, dy, approximate === "tanh" ? tanhGeluSlope(g, g.x[0]) : geluSlope(g, g.x[0]));
});

export const activationRules: GradientRules = {
  // ReLU'(0) = 0, as PyTorch. The output is positive exactly where the input is.
  Relu: unary((g, dy) => where(g, positive(g, g.y[0]), dy, 0)),
  LeakyRelu: leakyRelu,
  PRelu: parametricRelu,
  Elu: elu,
  Selu: selu,
  Celu: celu,
  // dy at x > α
  ThresholdedRelu: unary((g, dy) => where(g, greater(g, g.x[0], setting(g, "alpha", 1)), dy, 0)),
  Shrink: shrink,
  Clip: clip,
  // σ' = σ·(1 − σ)
  Sigmoid: unary((g, dy) => multiply(g, dy, multiply(g, g.y[0], subtract(g, 1, g.y[0])))),
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Softplus: unary((g, dy) => multiply(g, dy, g.emit("Sigmoid", [g.x[0]]))),
  Softsign: softsign,
  Mish: mish,
  Gelu: gelu,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
};
