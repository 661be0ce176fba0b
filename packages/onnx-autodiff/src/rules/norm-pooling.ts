import { intAttribute, intsAttribute, windowOf } from "@voxplain/onnx-graph";
import { type RuleContext, unary } from "../rule.ts";
import { spreadOverWindows } from "./average-pooling.ts";

/** y = (Σ |x|ᵖ)^(1/p) over a window: dx = sign(x)·|x|^(p−1) · Σ dy·y^(1−p) over the windows of x. */
export const lpPool = unary((g, dy) => {
  const kernel = intsAttribute(g.node.attributes, "kernel_shape", []);
  const window = windowOf(g.node.attributes, kernel, g.dims(g.x[0]).slice(2));
  return g.emit("Mul", [spreadOverWindows(g, perNorm(g, dy), window), slope(g)]);
});

/** The same with one window. */
export const globalLpPool = unary((g, dy) => g.emit("Mul", [perNorm(g, dy), slope(g)]));

const orderOf = (g: RuleContext) => intAttribute(g.node.attributes, "p", 2);

/** dy·y^(1−p); 0 where y is 0: all of x is 0 there, the middle of a kink. */
function perNorm(g: RuleContext, dy: string): string {
  const p = orderOf(g);
  if (p === 1) return dy;
  const [y, zero] = [g.y[0], g.float(0)];
  const isZero = g.emit("Equal", [y, zero]);
  const divisor = g.emit("Where", [isZero, g.float(1), y]);
  const power = p === 2 ? divisor : g.emit("Pow", [divisor, g.float(p - 1)]);
  return g.emit("Where", [isZero, zero, g.emit("Div", [dy, power])]);
}

/** sign(x)·|x|^(p−1) */
function slope(g: RuleContext): string {
  const p = orderOf(g);
  const x = g.x[0];
  if (p === 2) return x;
  if (p === 1) return g.emit("Sign", [x]);
  return g.emit("Mul", [x, g.emit("Pow", [g.emit("Abs", [x]), g.float(p - 2)])]);
}
