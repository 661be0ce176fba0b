import { broadcasting, type GradientRules, none, unary } from "../rule.ts";
import { where } from "./formula.ts";

/** Nothing is dropped at inference; nor at a ratio of 0, which torchvision's Swin exports in training mode. */
const dropout = unary((g, dy) => {
  const [, ratio, training] = g.x;
  const drops = (g.constantOf(ratio)?.data[0] ?? 0.5) !== 0;
  if (drops && training && Number(g.constantOf(training)?.data[0] ?? 1) !== 0) {
    throw g.unsupported("it is, or may be, in training mode");
  }
  return dy;
});

const cast = unary((g, dy) => g.emit("CastLike", [dy, g.x[0]]));

/** Operators that choose or pass on elements, and those whose output changes in steps or not at all. */
export const elementwiseRules: GradientRules = {
  // Input 0 is the condition.
  Where: broadcasting((g, dy, input) => (input === 1 ? where(g, g.x[0], dy, 0) : where(g, g.x[0], 0, dy))),
  Identity: unary((_, dy) => dy),
  Dropout: dropout,
  // Between floating-point types; others carry no gradient.
  Cast: cast,
  // The second input gives its type, and no gradient.
  CastLike: cast,
  ...Object.fromEntries(
    [
      ..."Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor Not IsNaN IsInf".split(" "),
      ..."Floor Ceil Round Sign Hardmax EyeLike RandomNormalLike RandomUniformLike".split(" "),
    ].map((name) => [name, none]),
  ),
};
