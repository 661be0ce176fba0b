import { type GradientRule, gradientRules, type RuleContext, unary } from "@voxplain/onnx-autodiff";
import type { Propagation } from "../attribution.ts";
import { replaceRules } from "./replace-rules.ts";

/**
 * Activations that let positive values through and hold negative ones back. Sigmoid and Tanh are not among them, and activations
 * that a model computes in several operators (x·σ(x), x·Φ(x)) are not recognized: their gradient flows.
 */
const rectifiers = "Relu LeakyRelu PRelu ThresholdedRelu Elu Selu Celu Gelu Softplus HardSwish Mish Swish";

const positivePart = (g: RuleContext, value: string) => g.emit("Relu", [value]);

/** act′(x) · max(dy, 0): what would lower the logit does not flow back. */
export const guidedPropagation: Propagation = {
  ...withRectifiers(
    (rule) =>
      (g, [dy, ...others]) =>
        rule(g, [dy && positivePart(g, dy), ...others]),
  ),
  kernels: "guided",
};

/** max(dy, 0), whatever the activation did on the way forward. */
export const deconvolutionPropagation: Propagation = {
  ...withRectifiers(() => unary(positivePart)),
  kernels: "deconvolution",
};

function withRectifiers(changed: (rule: GradientRule) => GradientRule): Propagation {
  const clip = gradientRules.Clip;
  return {
    rules: {
      ...gradientRules,
      ...replaceRules(rectifiers, changed),
      // ReLU6 is a Clip from 0 on.
      ...(clip && { Clip: (g, dy) => (clipsAtZero(g) ? changed(clip)(g, dy) : clip(g, dy)) }),
    },
  };
}

function clipsAtZero(g: RuleContext): boolean {
  return Number(g.constantOf(g.x[1])?.data[0] ?? Number.NaN) === 0;
}
