import { floatAttribute, stringAttribute } from "@voxplain/onnx-graph";
import { zip } from "./array.ts";
import { erf } from "./elementwise.ts";
import type { Call, Kernel } from "./kernel.ts";

/** A function of each element, with the attributes of the node by name. */
const activation =
  (f: (x: number, setting: (name: string, fallback: number) => number) => number): Kernel =>
  ({ x: [x], attributes }: Call) => [
    zip((value) => f(value, (name, fallback) => floatAttribute(attributes, name, fallback)), x!),
  ];

const clamped = (value: number) => Math.max(0, Math.min(1, value));
const softplus = (x: number) => Math.log1p(Math.exp(x));

const gelu: Kernel = ({ x: [x], attributes }) => {
  const isTanh = stringAttribute(attributes, "approximate", "none") === "tanh";
  const distribution = (v: number) =>
    isTanh ? Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)) : erf(v / Math.sqrt(2));
  return [zip((v) => 0.5 * v * (1 + distribution(v)), x!)];
};

export const activationKernels: Readonly<Record<string, Kernel>> = {
  PRelu: ({ x: [x, slope] }) => [zip((v, s) => (v! < 0 ? s! * v! : v!), x!, slope!)],
  Selu: activation((x, setting) => {
    const gamma = setting("gamma", 1.0507010221481323);
    const alpha = setting("alpha", 1.6732631921768188);
    return gamma * (x > 0 ? x : alpha * Math.expm1(x));
  }),
  Celu: activation((x, setting) => {
    const alpha = setting("alpha", 1);
    return Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
  }),
  ThresholdedRelu: activation((x, setting) => (x > setting("alpha", 1) ? x : 0)),
  Shrink: activation((x, setting) => {
    const [lambda, bias] = [setting("lambd", 0.5), setting("bias", 0)];
    return x < -lambda ? x + bias : x > lambda ? x - bias : 0;
  }),
  HardSigmoid: activation((x, setting) => clamped(setting("alpha", 0.2) * x + setting("beta", 0.5))),
  HardSwish: activation((x) => x * clamped(x / 6 + 0.5)),
  Softsign: activation((x) => x / (1 + Math.abs(x))),
  Mish: activation((x) => x * Math.tanh(softplus(x))),
  Gelu: gelu,
};
