import { floatAttribute, intAttribute } from "@voxplain/onnx-graph";
import { zip } from "./array.ts";
import type { Kernel } from "./kernel.ts";

const unary =
  (f: (x: number) => number): Kernel =>
  ({ x: [x] }) => [zip(f, x!)];
const nary =
  (f: (...x: number[]) => number): Kernel =>
  ({ x }) => [zip(f, ...x.map((each) => each!))];
const activation =
  (fallback: number, f: (x: number, alpha: number) => number): Kernel =>
  ({ x: [x], attributes }) => [zip((value) => f(value, floatAttribute(attributes, "alpha", fallback)), x!)];
const same: Kernel = ({ x: [x] }) => [x!];

/** erf by its Taylor series, which converges everywhere and is exact to 1e-15 for |x| < 3. */
export function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

export const elementwiseKernels: Readonly<Record<string, Kernel>> = {
  Relu: unary((x) => Math.max(x, 0)),
  LeakyRelu: activation(0.01, (x, alpha) => (x > 0 ? x : alpha * x)),
  Elu: activation(1, (x, alpha) => (x > 0 ? x : alpha * Math.expm1(x))),
  Sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  Tanh: unary(Math.tanh),
  Softplus: unary((x) => Math.log1p(Math.exp(x))),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((x) => 1 / x),
  Erf: unary(erf),
  Abs: unary(Math.abs),
  Neg: unary((x) => -x),
  Sign: unary(Math.sign),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Sin: unary(Math.sin),
  Cos: unary(Math.cos),
  Tan: unary(Math.tan),
  Asin: unary(Math.asin),
  Acos: unary(Math.acos),
  Atan: unary(Math.atan),
  Sinh: unary(Math.sinh),
  Cosh: unary(Math.cosh),
  Asinh: unary(Math.asinh),
  Acosh: unary(Math.acosh),
  Atanh: unary(Math.atanh),
  Clip: ({ x: [x, low, high] }) => [
    zip((value) => Math.min(Math.max(value, low?.data[0] ?? -Infinity), high?.data[0] ?? Infinity), x!),
  ],
  Add: nary((a, b) => a! + b!),
  Sub: nary((a, b) => a! - b!),
  Mul: nary((a, b) => a! * b!),
  Div: nary((a, b) => a! / b!),
  Pow: nary((a, b) => a! ** b!),
  Mod: ({ x: [a, b], attributes }) => {
    if (intAttribute(attributes, "fmod", 0) !== 1) throw new Error("only of floating-point numbers");
    return [zip((p, q) => p! % q!, a!, b!)];
  },
  Max: nary(Math.max),
  Min: nary(Math.min),
  Mean: nary((...all) => all.reduce((sum, each) => sum + each, 0) / all.length),
  Sum: nary((...all) => all.reduce((sum, each) => sum + each, 0)),
  Where: nary((condition, a, b) => (condition ? a! : b!)),
  Greater: nary((a, b) => Number(a! > b!)),
  GreaterOrEqual: nary((a, b) => Number(a! >= b!)),
  Less: nary((a, b) => Number(a! < b!)),
  LessOrEqual: nary((a, b) => Number(a! <= b!)),
  Equal: nary((a, b) => Number(a === b)),
  And: nary((a, b) => Number(a && b)),
  Or: nary((a, b) => Number(a || b)),
  Not: unary((x) => Number(!x)),
  Identity: same,
  Dropout: same,
  Cast: same,
  CastLike: same,
};
