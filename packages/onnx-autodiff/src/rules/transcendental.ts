import { type GradientRules, type RuleContext, unary } from "../rule.ts";
import { add, divide, exponential, multiply, negate, square, squareRoot, subtract } from "./formula.ts";

const cosine = (g: RuleContext) => g.emit("Cos", [g.x[0]]);
const sine = (g: RuleContext) => g.emit("Sin", [g.x[0]]);
const hyperbolicCosine = (g: RuleContext) => g.emit("Cosh", [g.x[0]]);
const hyperbolicSine = (g: RuleContext) => g.emit("Sinh", [g.x[0]]);
const inputSquared = (g: RuleContext) => square(g, g.x[0]);
const outputSquared = (g: RuleContext) => square(g, g.y[0]);

export const transcendentalRules: GradientRules = {
  Exp: unary((g, dy) => multiply(g, dy, g.y[0])),
  Log: unary((g, dy) => divide(g, dy, g.x[0])),
  // 2/√π · exp(−x²)
  Erf: unary((g, dy) =>
    multiply(g, dy, multiply(g, exponential(g, negate(g, inputSquared(g))), 2 / Math.sqrt(Math.PI))),
  ),
  Sin: unary((g, dy) => multiply(g, dy, cosine(g))),
  Cos: unary((g, dy) => negate(g, multiply(g, dy, sine(g)))),
  // 1 + tan²
  Tan: unary((g, dy) => multiply(g, dy, add(g, outputSquared(g), 1))),
  // 1/√(1 − x²)
  Asin: unary((g, dy) => divide(g, dy, squareRoot(g, subtract(g, 1, inputSquared(g))))),
  Acos: unary((g, dy) => negate(g, divide(g, dy, squareRoot(g, subtract(g, 1, inputSquared(g)))))),
  Atan: unary((g, dy) => divide(g, dy, add(g, inputSquared(g), 1))),
  Sinh: unary((g, dy) => multiply(g, dy, hyperbolicCosine(g))),
  Cosh: unary((g, dy) => multiply(g, dy, hyperbolicSine(g))),
  // 1 − tanh²
  Tanh: unary((g, dy) => multiply(g, dy, subtract(g, 1, outputSquared(g)))),
  // 1/√(x² + 1), 1/√(x² − 1), 1/(1 − x²)
  Asinh: unary((g, dy) => divide(g, dy, squareRoot(g, add(g, inputSquared(g), 1)))),
  Acosh: unary((g, dy) => divide(g, dy, squareRoot(g, subtract(g, inputSquared(g), 1)))),
  Atanh: unary((g, dy) => divide(g, dy, subtract(g, 1, inputSquared(g)))),
};
