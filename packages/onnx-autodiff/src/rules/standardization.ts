import { floatAttribute } from "@voxplain/onnx-graph";
import type { Emitter, RuleContext } from "../rule.ts";
import { reduce } from "../unbroadcast.ts";
import { add, divide, multiply, square, squareRoot, subtract } from "./formula.ts";

/** x̂ = (x − mean x)/√(var x + ε) over some axes. */
interface Standardized {
  /** x̂ */
  readonly value: string;
  /** √(var x + ε), with the axes kept. */
  readonly deviation: string;
  readonly axes: readonly number[];
}

const mean = (g: Emitter, value: string, axes: readonly number[]) =>
  reduce(g, "ReduceMean", value, axes, true);

export function standardized(
  g: Emitter & Pick<RuleContext, "node">,
  x: string,
  axes: readonly number[],
  epsilon = floatAttribute(g.node.attributes, "epsilon", 1e-5),
): Standardized {
  const centred = subtract(g, x, mean(g, x, axes));
  const variance = mean(g, square(g, centred), axes);
  const deviation = squareRoot(g, add(g, variance, epsilon));
  return { value: divide(g, centred, deviation), deviation, axes };
}

/** The cotangent of x from that of x̂: (dx̂ − mean dx̂ − x̂ · mean(dx̂·x̂)) / √(var x + ε). */
export function throughStandardization(
  g: RuleContext,
  dy: string,
  { value, deviation, axes }: Standardized,
): string {
  const along = multiply(g, value, mean(g, multiply(g, dy, value), axes));
  const across = subtract(g, subtract(g, dy, mean(g, dy, axes)), along);
  return divide(g, across, deviation);
}
