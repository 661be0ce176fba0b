import { elementAt } from "@voxplain/core";
import { gradientRules, type RuleContext } from "@voxplain/onnx-autodiff";
import { floatAttribute } from "@voxplain/onnx-graph";
import { withInputs } from "./with-inputs.ts";

/** Layers y = W·x + b, by what they are in the terms of the composites. */
export const linearOperators = {
  Conv: "convolution",
  ConvTranspose: "convolution",
  Gemm: "dense",
  MatMul: "dense",
} as const;

/** A layer y = W·x + b whose formula can be asked for with other values in the places of x, W and b. */
export interface LinearLayer {
  readonly g: RuleContext;
  readonly x: string;
  readonly weight: string;
  /** undefined where there is none. */
  readonly bias: string | undefined;
  readonly y: string;
  /** A value of the network that is known to have no negative element, though no operator before it says so. */
  readonly nonNegative?: string | undefined;
  /** W·x + b. */
  apply(x: string, weight: string, bias: string | undefined): string;
  /** Wᵀ·c, shaped like x. */
  transposed(c: string, weight: string): string;
}

/**
 * A Conv, ConvTranspose, Gemm or MatMul, of whose two factors one comes from the input.
 * @throws VoxplainError `unsupported` for a Gemm whose α or β is not positive: signs of weights would not be theirs.
 */
export function linearLayer(g: RuleContext): LinearLayer {
  const { opType, attributes } = g.node;
  const data = g.wants(0) ? 0 : 1;
  if (opType === "Gemm" && !["alpha", "beta"].every((key) => floatAttribute(attributes, key, 1) > 0)) {
    throw g.unsupported("relevance needs a positive alpha and beta");
  }
  const inputs = (x: string, weight: string, bias: string | undefined) => [
    ...(data === 0 ? [x, weight] : [weight, x]),
    ...(bias === undefined ? [] : [bias]),
  ];
  const x = elementAt(g.x, data);
  const weight = elementAt(g.x, 1 - data);
  return {
    g,
    x,
    weight,
    bias: g.x[2] || undefined,
    y: elementAt(g.y, 0),
    apply: (...values) => g.emit(opType, inputs(...values), attributes),
    transposed(c, otherWeight) {
      const others = inputs(x, otherWeight, undefined);
      const substituted = { ...withInputs(g, others), wants: (input: number) => input === data };
      return gradientRules[opType]!(substituted, [c])[data]!;
    },
  };
}
