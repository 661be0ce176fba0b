import type { Tensor } from "@voxplain/core";
import { floatAttribute, intAttribute } from "@voxplain/onnx-graph";
import { broadcasting, type GradientRules, none, type RuleContext, unary } from "../rule.ts";
import { reduce } from "../unbroadcast.ts";

const where = (g: RuleContext, condition: string, dy: string, otherwise: string) =>
  g.emit("Where", [condition, dy, otherwise]);
const positive = (g: RuleContext, value: string) => g.emit("Greater", [value, g.float(0)]);
const multiply = (g: RuleContext, a: string, b: string) => g.emit("Mul", [a, b]);

/**
 * Where x is positive. The output says so too where α ≥ 0; asking it lets the runtime free the input,
 * or fuse the operator with the one before.
 */
const inputIsPositive = (g: RuleContext, alpha: number) => positive(g, alpha >= 0 ? g.y[0]! : g.x[0]!);

/** dy at x > 0, α·dy elsewhere, 0 included: as PyTorch. */
const leakyRelu = unary((g, dy) => {
  const alpha = floatAttribute(g.node.attributes, "alpha", 0.01);
  return where(g, inputIsPositive(g, alpha), dy, multiply(g, dy, g.float(alpha)));
});

/** α·(exp x − 1), at x ≤ 0, has the derivative y + α. */
const elu = unary((g, dy) => {
  const alpha = floatAttribute(g.node.attributes, "alpha", 1);
  const slope = g.emit("Add", [g.y[0]!, g.float(alpha)]);
  return where(g, inputIsPositive(g, alpha), dy, multiply(g, dy, slope));
});

/** y·(dy − Σ dy·y) along the axis. */
const softmax = unary((g, dy) => {
  const axis = intAttribute(g.node.attributes, "axis", -1);
  const sum = reduce(g, "ReduceSum", multiply(g, dy, g.y[0]!), [axis], true);
  return multiply(g, g.y[0]!, g.emit("Sub", [dy, sum]));
});

/** dy − exp y · Σ dy along the axis. */
const logSoftmax = unary((g, dy) => {
  const axis = intAttribute(g.node.attributes, "axis", -1);
  const sum = reduce(g, "ReduceSum", dy, [axis], true);
  return g.emit("Sub", [dy, multiply(g, g.emit("Exp", [g.y[0]!]), sum)]);
});

/** dy where min ≤ x ≤ max, both included: as PyTorch's clamp. */
const clip = unary((g, dy) => {
  const [x, low, high] = g.x;
  const above = low ? g.emit("GreaterOrEqual", [x!, low]) : undefined;
  const below = high ? g.emit("LessOrEqual", [x!, high]) : undefined;
  const inside = above && below ? g.emit("And", [above, below]) : (above ?? below);
  return inside === undefined ? dy : where(g, inside, dy, g.float(0));
});

/** p·x^(p−1)·dy for the base, 0 where p = 0; y·ln x·dy for the exponent, 0 where x = 0 ≤ p. As PyTorch. */
const power = broadcasting((g, dy, input) => {
  const x = g.x[0]!;
  const zero = g.float(0);
  const known = g.constantOf(g.x[1]);
  const p = exponent(g, known);
  if (input === 1) {
    const fixed = g.emit("And", [g.emit("Equal", [x, zero]), g.emit("GreaterOrEqual", [p, zero])]);
    return where(g, fixed, zero, multiply(g, dy, multiply(g, g.y[0]!, g.emit("Log", [x]))));
  }
  const slope = multiply(g, p, g.emit("Pow", [x, g.emit("Sub", [p, g.float(1)])]));
  const gradient = multiply(g, dy, slope);
  const mayBeZero = known === undefined || Array.from(known.data, Number).includes(0);
  return mayBeZero ? where(g, g.emit("Equal", [p, zero]), zero, gradient) : gradient;
});

/** The exponent may be of another type than the base. */
function exponent(g: RuleContext, known: Tensor | undefined): string {
  return known === undefined || known.dtype === "float16" || known.dtype === "bfloat16"
    ? g.emit("CastLike", [g.x[1]!, g.x[0]!])
    : g.float(Array.from(known.data, Number), known.dims);
}

/** The sign of x, 0 at 0. (Sign itself is missing in some runtimes.) */
const absolute = unary((g, dy) => {
  const negative = g.emit("Less", [g.x[0]!, g.float(0)]);
  return where(g, positive(g, g.x[0]!), dy, where(g, negative, g.emit("Neg", [dy]), g.float(0)));
});

/** At inference nothing is dropped. */
const dropout = unary((g, dy) => {
  const training = g.x[2];
  if (training && Number(g.constantOf(training)?.data[0] ?? 1) !== 0) {
    throw g.unsupported("it is, or may be, in training mode");
  }
  return dy;
});

/** 2/√π · exp(−x²) */
const errorFunction = unary((g, dy) => {
  const bell = g.emit("Exp", [g.emit("Neg", [multiply(g, g.x[0]!, g.x[0]!)])]);
  return multiply(g, dy, multiply(g, bell, g.float(2 / Math.sqrt(Math.PI))));
});

export const elementwiseRules: GradientRules = {
  // ReLU'(0) = 0, as PyTorch. The output is positive exactly where the input is.
  Relu: unary((g, dy) => where(g, positive(g, g.y[0]!), dy, g.float(0))),
  LeakyRelu: leakyRelu,
  Elu: elu,
  // σ' = σ·(1 − σ)
  Sigmoid: unary((g, dy) => multiply(g, dy, multiply(g, g.y[0]!, g.emit("Sub", [g.float(1), g.y[0]!])))),
  // tanh' = 1 − tanh²
  Tanh: unary((g, dy) => multiply(g, dy, g.emit("Sub", [g.float(1), multiply(g, g.y[0]!, g.y[0]!)]))),
  Softplus: unary((g, dy) => multiply(g, dy, g.emit("Sigmoid", [g.x[0]!]))),
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  Clip: clip,
  Exp: unary((g, dy) => multiply(g, dy, g.y[0]!)),
  Log: unary((g, dy) => g.emit("Div", [dy, g.x[0]!])),
  // (√x)' = 1 / (2·√x)
  Sqrt: unary((g, dy) => g.emit("Div", [multiply(g, dy, g.float(0.5)), g.y[0]!])),
  // (1/x)' = −1/x²
  Reciprocal: unary((g, dy) => g.emit("Neg", [multiply(g, dy, multiply(g, g.y[0]!, g.y[0]!))])),
  Pow: power,
  Erf: errorFunction,
  Abs: absolute,
  Neg: unary((g, dy) => g.emit("Neg", [dy])),
  Add: broadcasting((_, dy) => dy),
  Sum: broadcasting((_, dy) => dy),
  Sub: broadcasting((g, dy, input) => (input === 0 ? dy : g.emit("Neg", [dy]))),
  Mul: broadcasting((g, dy, input) => multiply(g, dy, g.x[1 - input]!)),
  // a/b: dy/b, and −dy·y/b
  Div: broadcasting((g, dy, input) => {
    const share = g.emit("Div", [dy, g.x[1]!]);
    return input === 0 ? share : g.emit("Neg", [multiply(g, share, g.y[0]!)]);
  }),
  // Input 0 is the condition.
  Where: broadcasting((g, dy, input) =>
    input === 1 ? where(g, g.x[0]!, dy, g.float(0)) : where(g, g.x[0]!, g.float(0), dy),
  ),
  Identity: unary((_, dy) => dy),
  Dropout: dropout,
  // Between floating-point types; others carry no gradient.
  Cast: unary((g, dy) => g.emit("CastLike", [dy, g.x[0]!])),
  ...Object.fromEntries(
    "Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor Not IsNaN IsInf Floor Ceil Round Sign"
      .split(" ")
      .map((name) => [name, none]),
  ),
};
