import { elementAt, type Tensor } from "@voxplain/core";
import {
  broadcasting,
  type GradientRule,
  type GradientRules,
  inputOf,
  type RuleContext,
  unary,
} from "../rule.ts";
import { add, and, divide, equal, multiply, negate, square, subtract, timesSign, where } from "./formula.ts";

/** a/b: dy/b, and −dy·y/b. */
const quotient = broadcasting((g, dy, input) => {
  const share = divide(g, dy, inputOf(g, 1));
  return input === 0 ? share : negate(g, multiply(g, share, g.y[0]));
});

/** a − trunc(a/b)·b, which is what Mod is for floating-point numbers: dy, and −dy·trunc(a/b). */
const remainder = broadcasting((g, dy, input) => {
  const [a, b] = [g.x[0], inputOf(g, 1)];
  return input === 0 ? dy : multiply(g, dy, divide(g, subtract(g, g.y[0], a), b));
});

/** p·x^(p−1)·dy for the base, 0 where p = 0; y·ln x·dy for the exponent, 0 where x = 0 ≤ p. As PyTorch. */
const power = broadcasting((g, dy, input) => {
  const x = g.x[0];
  const known = g.constantOf(g.x[1]);
  const p = exponent(g, known);
  if (input === 1) {
    const fixed = and(g, equal(g, x, 0), g.emit("GreaterOrEqual", [p, g.float(0)]));
    const slope = multiply(g, g.y[0], g.emit("Log", [x]));
    return g.emit("CastLike", [where(g, fixed, 0, multiply(g, dy, slope)), inputOf(g, 1)]);
  }
  const slope = multiply(g, p, g.emit("Pow", [x, subtract(g, p, 1)]));
  const gradient = multiply(g, dy, slope);
  const mayBeZero = known === undefined || Array.from(known.data, Number).includes(0);
  return mayBeZero ? where(g, equal(g, p, 0), 0, gradient) : gradient;
});

/** The exponent may be of another type than the base. */
function exponent(g: RuleContext, known: Tensor | undefined): string {
  return known === undefined || known.dtype === "float16" || known.dtype === "bfloat16"
    ? g.emit("CastLike", [inputOf(g, 1), g.x[0]])
    : g.float(Array.from(known.data, Number), known.dims);
}

/** Inputs that tie for the extremum have equal shares: of two, halves, as torch.maximum. */
const extremum: GradientRule = (g, [dy]) => {
  if (dy === undefined) return [];
  const chosen = g.x.map((x) => equal(g, x, g.y[0]));
  const ties = chosen.map((each) => g.emit("CastLike", [each, dy])).reduce((a, b) => add(g, a, b));
  const share = divide(g, dy, ties);
  return g.x.map((x, input) =>
    g.wants(input)
      ? g.unbroadcast(where(g, elementAt(chosen, input), share, 0), g.dims(g.y[0]), x)
      : undefined,
  );
};

export const arithmeticRules: GradientRules = {
  Add: broadcasting((_, dy) => dy),
  Sum: broadcasting((_, dy) => dy),
  Mean: broadcasting((g, dy) => divide(g, dy, g.x.length)),
  Sub: broadcasting((g, dy, input) => (input === 0 ? dy : negate(g, dy))),
  Mul: broadcasting((g, dy, input) => multiply(g, dy, inputOf(g, 1 - input))),
  Div: quotient,
  Mod: remainder,
  Pow: power,
  Max: extremum,
  Min: extremum,
  Neg: unary((g, dy) => negate(g, dy)),
  Abs: unary((g, dy) => timesSign(g, dy, g.x[0])),
  // (√x)' = 1 / (2·√x)
  Sqrt: unary((g, dy) => divide(g, multiply(g, dy, 0.5), g.y[0])),
  // (1/x)' = −1/x²
  Reciprocal: unary((g, dy) => negate(g, multiply(g, dy, square(g, g.y[0])))),
};
