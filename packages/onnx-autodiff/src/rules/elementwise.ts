import { floatAttribute, intAttribute } from "@voxplain/onnx-graph";
import { broadcasting, type GradientRules, none, type RuleContext, unary } from "../rule.ts";
import { reduce } from "../unbroadcast.ts";

/** dy where the condition holds, else `otherwise`. */
function where(g: RuleContext, condition: string, dy: string, otherwise: string): string {
  return g.emit("Where", [condition, dy, otherwise]);
}

const positive = (g: RuleContext, value: string) => g.emit("Greater", [value, g.scalar(0)]);
const multiply = (g: RuleContext, a: string, b: string) => g.emit("Mul", [a, b]);

/** dy at x > 0, `slope` · dy elsewhere, 0 included: as PyTorch. */
const leakyRelu = unary((g, dy) => {
  const slope = floatAttribute(g.node.attributes, "alpha", 0.01);
  return where(g, positive(g, g.x[0]!), dy, multiply(g, dy, g.scalar(slope)));
});

/** α·(eˣ − 1) has the derivative y + α below 0. */
const elu = unary((g, dy) => {
  const alpha = floatAttribute(g.node.attributes, "alpha", 1);
  const slope = g.emit("Add", [g.y[0]!, g.scalar(alpha)]);
  return where(g, positive(g, g.x[0]!), dy, multiply(g, dy, slope));
});

/** y·(dy − Σ dy·y) along the axis. */
const softmax = unary((g, dy) => {
  const sum = reduce(
    g,
    "ReduceSum",
    multiply(g, dy, g.y[0]!),
    [intAttribute(g.node.attributes, "axis", -1)],
    true,
  );
  return multiply(g, g.y[0]!, g.emit("Sub", [dy, sum]));
});

/** dy − eʸ·Σ dy along the axis. */
const logSoftmax = unary((g, dy) => {
  const sum = reduce(g, "ReduceSum", dy, [intAttribute(g.node.attributes, "axis", -1)], true);
  return g.emit("Sub", [dy, multiply(g, g.emit("Exp", [g.y[0]!]), sum)]);
});

/** dy where min ≤ x ≤ max, both included: as PyTorch's clamp. */
const clip = unary((g, dy) => {
  const [x, low, high] = g.x;
  const above = low ? g.emit("GreaterOrEqual", [x!, low]) : undefined;
  const below = high ? g.emit("LessOrEqual", [x!, high]) : undefined;
  const inside = above && below ? g.emit("And", [above, below]) : (above ?? below);
  return inside === undefined ? dy : where(g, inside, dy, g.scalar(0));
});

/** xᵖ: p·xᵖ⁻¹·dy for the base, y·ln x·dy for the exponent. */
const power = broadcasting((g, dy, input) => {
  const [x, p] = g.x;
  if (input === 1) return multiply(g, dy, multiply(g, g.y[0]!, g.emit("Log", [x!])));
  const slope = multiply(g, p!, g.emit("Pow", [x!, g.emit("Sub", [p!, g.scalar(1)])]));
  return multiply(g, dy, slope);
});

/** Casting between floating-point types is linear; other types have no gradient. */
const cast = unary((g, dy) => {
  const source = g.x[0]!;
  if (!g.isFloat(source)) throw g.unsupported(`its input "${source}" is not a floating-point value`);
  return g.emit("CastLike", [dy, source]);
});

export const elementwiseRules: GradientRules = {
  // ReLU'(0) = 0, as PyTorch. The output is positive exactly where the input is.
  Relu: unary((g, dy) => where(g, positive(g, g.y[0]!), dy, g.scalar(0))),
  LeakyRelu: leakyRelu,
  Elu: elu,
  // σ' = σ·(1 − σ)
  Sigmoid: unary((g, dy) => multiply(g, dy, multiply(g, g.y[0]!, g.emit("Sub", [g.scalar(1), g.y[0]!])))),
  // tanh' = 1 − tanh²
  Tanh: unary((g, dy) => multiply(g, dy, g.emit("Sub", [g.scalar(1), multiply(g, g.y[0]!, g.y[0]!)]))),
  Softplus: unary((g, dy) => multiply(g, dy, g.emit("Sigmoid", [g.x[0]!]))),
  Exp: unary((g, dy) => multiply(g, dy, g.y[0]!)),
  Log: unary((g, dy) => g.emit("Div", [dy, g.x[0]!])),
  // (√x)' = 1 / (2·√x)
  Sqrt: unary((g, dy) => g.emit("Div", [multiply(g, dy, g.scalar(0.5)), g.y[0]!])),
  // (1/x)' = −1/x²
  Reciprocal: unary((g, dy) => g.emit("Neg", [multiply(g, dy, multiply(g, g.y[0]!, g.y[0]!))])),
  Neg: unary((g, dy) => g.emit("Neg", [dy])),
  // |x|' = sign x, 0 at 0.
  Abs: unary((g, dy) => multiply(g, dy, g.emit("Sign", [g.x[0]!]))),
  // erf' = 2/√π · e^(−x²)
  Erf: unary((g, dy) => {
    const bell = g.emit("Exp", [g.emit("Neg", [multiply(g, g.x[0]!, g.x[0]!)])]);
    return multiply(g, dy, multiply(g, bell, g.scalar(2 / Math.sqrt(Math.PI))));
  }),
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  Clip: clip,
  Pow: power,
  Add: broadcasting((_, dy) => dy),
  Sub: broadcasting((g, dy, input) => (input === 0 ? dy : g.emit("Neg", [dy]))),
  Mul: broadcasting((g, dy, input) => multiply(g, dy, g.x[1 - input]!)),
  // a/b: dy/b, and −dy·y/b
  Div: broadcasting((g, dy, input) => {
    const share = g.emit("Div", [dy, g.x[1]!]);
    return input === 0 ? share : g.emit("Neg", [multiply(g, share, g.y[0]!)]);
  }),
  Sum: broadcasting((_, dy) => dy),
  Where: (g, [dy]) =>
    [undefined, 1, 2].map((input) => {
      if (dy === undefined || input === undefined || !g.wants(input)) return undefined;
      const zero = g.scalar(0);
      const part = g.emit("Where", input === 1 ? [g.x[0]!, dy, zero] : [g.x[0]!, zero, dy]);
      return g.unbroadcast(part, g.y[0]!, g.x[input]!);
    }),
  Identity: unary((_, dy) => dy),
  // At inference nothing is dropped.
  Dropout: unary((_, dy) => dy),
  Cast: cast,
  ...Object.fromEntries(
    "Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor Not IsNaN IsInf Floor Ceil Round Sign"
      .split(" ")
      .map((name) => [name, none]),
  ),
};
