import { type GradientRule, type GradientRules, gradientRules } from "@voxplain/onnx-autodiff";
import type { OperatorName, OperatorNames } from "@voxplain/onnx-graph";

/** Other rules for operators, named with spaces between, that have a gradient: one without it stays an error. */
export function replaceRules<const Text extends string>(
  names: Text & OperatorNames<Text>,
  change: (rule: GradientRule) => GradientRule,
): GradientRules {
  return Object.fromEntries(
    (names.split(" ") as OperatorName[]).flatMap((name) => {
      const rule = gradientRules[name];
      return rule ? [[name, change(rule)]] : [];
    }),
  );
}
