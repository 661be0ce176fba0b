import { type GradientRule, type GradientRules, gradientRules } from "@voxplain/onnx-autodiff";

/** Other rules for operators, named with spaces between, that have a gradient: one without it stays an error. */
export function replaceRules(names: string, change: (rule: GradientRule) => GradientRule): GradientRules {
  return Object.fromEntries(
    names.split(" ").flatMap((name) => {
      const rule = gradientRules[name];
      return rule ? [[name, change(rule)]] : [];
    }),
  );
}
