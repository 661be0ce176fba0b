import { floatAttribute, intAttribute } from "@voxplain/onnx-graph";
import type { GradientRule, GradientRules, RuleContext } from "../rule.ts";
import { reduce } from "../unbroadcast.ts";

/** A value per channel, [C], shaped so that it broadcasts over [N, C, …]. */
function perChannel(g: RuleContext, value: string): string {
  const spatial = g.dims(g.x[0]!).slice(2);
  return g.emit("Reshape", [value, g.int64([-1, ...spatial.map(() => 1)])]);
}

/** With running statistics it is linear: dy · scale / √(variance + ε). */
const batchNormalization: GradientRule = (g, [dy]) => {
  if (intAttribute(g.node.attributes, "training_mode", 0) === 1)
    throw g.unsupported("it is in training mode");
  if ([1, 2, 3, 4].some((input) => g.wants(input))) throw g.unsupported("its statistics are not fixed");
  if (dy === undefined) return [];
  const [, scale, , , variance] = g.x as [string, string, string, string, string];
  const epsilon = floatAttribute(g.node.attributes, "epsilon", 1e-5);
  const deviation = g.emit("Sqrt", [g.emit("Add", [variance, g.float(epsilon)])]);
  return [g.emit("Mul", [dy, perChannel(g, g.emit("Div", [scale, deviation]))])];
};

/**
 * y = s·x̂ + b with x̂ = (x − mean x)/√(var x + ε) over space: the gradient at x is
 * s/√(var x + ε) · (dy − mean dy − x̂ · mean(dy·x̂)).
 */
const instanceNormalization: GradientRule = (g, [dy]) => {
  if ([1, 2].some((input) => g.wants(input))) throw g.unsupported("its scale is not fixed");
  if (dy === undefined) return [];
  const [x, scale] = g.x as [string, string];
  const axes = g
    .dims(x)
    .map((_, axis) => axis)
    .slice(2);
  const mean = (value: string) => reduce(g, "ReduceMean", value, axes, true);
  const epsilon = floatAttribute(g.node.attributes, "epsilon", 1e-5);
  const centred = g.emit("Sub", [x, mean(x)]);
  const variance = mean(g.emit("Mul", [centred, centred]));
  const deviation = g.emit("Sqrt", [g.emit("Add", [variance, g.float(epsilon)])]);
  const normalized = g.emit("Div", [centred, deviation]);
  const along = g.emit("Mul", [normalized, mean(g.emit("Mul", [dy, normalized]))]);
  const across = g.emit("Sub", [g.emit("Sub", [dy, mean(dy)]), along]);
  return [g.emit("Mul", [across, g.emit("Div", [perChannel(g, scale), deviation])])];
};

export const normalizationRules: GradientRules = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
};
