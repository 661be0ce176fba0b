import type {
  BlockRelevance,
  ConvolutionBlock,
  RelevanceBound,
  RelevancePart,
  RelevanceShare,
} from "@voxplain/core";
import type { LrpComposite } from "./lrp-composites.ts";
import { type Bound, type LrpRule, stabilizer } from "./lrp-rules.ts";

/**
 * The rules of a composite for the first blocks of a network, as kernels compute them; undefined for blocks whose relevance they do not
 * compute, or for bounds that do not fit the channels, which the graph's rules refuse.
 */
export function relevanceOfBlocks(
  blocks: readonly ConvolutionBlock[],
  { convolution, firstConvolution = convolution }: LrpComposite,
  zeroBias: boolean,
): readonly BlockRelevance[] | undefined {
  if (blocks.some(({ pooling }) => pooling?.kind === "average")) return undefined;
  // A negation behind a bare convolution belongs into its weights.
  const last = blocks.at(-1);
  if (last?.slopes === undefined && last?.pooling === undefined) return undefined;
  const rules = blocks.map((_, k) => (k === 0 ? firstConvolution : convolution));
  if (!rules.every((rule, k) => fits(rule, blocks[k]?.inputChannels))) return undefined;
  return blocks.map((block, k) => {
    const layer = {
      weights: Float64Array.from(block.weights),
      bias: zeroBias ? undefined : Float64Array.from(block.bias),
      isNonNegative: rectifies(blocks[k - 1]),
    };
    return sharesOf(layer, rules[k] ?? convolution);
  });
}

/** Has the output of a block no negative value? */
export const rectifies = (block: ConvolutionBlock | undefined): boolean =>
  block?.slopes?.every((slope) => slope === 0) ?? false;

function fits(rule: LrpRule, channels: number | undefined): boolean {
  if (rule.rule !== "box") return true;
  return [rule.low, rule.high].every(
    (bound) => typeof bound !== "object" || bound.length === 1 || bound.length === channels,
  );
}

interface Layer {
  readonly weights: Float64Array;
  readonly bias: Float64Array | undefined;
  readonly isNonNegative: boolean;
}

/** `relevanceOfInput` of lrp-rules.ts, as data. */
function sharesOf(layer: Layer, rule: LrpRule): BlockRelevance {
  switch (rule.rule) {
    case "epsilon":
      return [share([partOf(layer, same)], { epsilon: rule.epsilon ?? stabilizer })];
    case "alpha-beta": {
      const raising = share(signed(layer, positive, negative), { factor: rule.alpha });
      if (rule.beta === 0) return [raising];
      return [raising, share(signed(layer, negative, positive), { factor: -rule.beta })];
    }
    case "gamma": {
      const { gamma = 0.25 } = rule;
      const boosted =
        (part: Change): Change =>
        (value) =>
          value + gamma * part(value);
      const [up, down] = [boosted(positive), boosted(negative)];
      return [
        share(signed(layer, up, down), { where: "above" }),
        share(signed(layer, down, up), { where: "below" }),
      ];
    }
    case "box": {
      const bound = (given: Bound | undefined, otherwise: RelevanceBound) => {
        const value = given ?? otherwise;
        return { low: value, high: value };
      };
      const less =
        (part: Change): Change =>
        (value) =>
          -part(value);
      return [
        share([
          partOf(layer, same),
          partOf(layer, less(positive), bound(rule.low, "lowest")),
          partOf(layer, less(negative), bound(rule.high, "highest")),
        ]),
      ];
    }
    case "flat":
      return [share([partOf({ ...layer, bias: undefined }, () => 1, { low: 1, high: 1 })])];
    case "w-square":
      return [share([partOf(layer, (value) => value * value, { low: 1, high: 1 })])];
  }
}

type Change = (parameter: number) => number;
const same: Change = (value) => value;
const positive: Change = (value) => Math.max(value, 0);
const negative: Change = (value) => Math.min(value, 0);
const unbounded = { low: -Infinity, high: Infinity };

const share = (parts: readonly RelevancePart[], other: Partial<RelevanceShare> = {}): RelevanceShare => ({
  ...{ parts, factor: 1, epsilon: stabilizer },
  ...other,
});

const partOf = (
  { weights, bias }: Pick<Layer, "weights" | "bias">,
  change: Change,
  bounds: Pick<RelevancePart, "low" | "high"> = unbounded,
): RelevancePart => ({ ...bounds, weights: weights.map(change), ...(bias && { bias: bias.map(change) }) });

/** x⁺ with one version of the weights and the bias, x⁻ with another; x⁻ is left out where it is 0. */
function signed(layer: Layer, ofPositive: Change, ofNegative: Change): readonly RelevancePart[] {
  if (layer.isNonNegative) return [partOf(layer, ofPositive)];
  return [
    partOf(layer, ofPositive, { low: 0, high: Infinity }),
    partOf({ weights: layer.weights, bias: undefined }, ofNegative, { low: -Infinity, high: 0 }),
  ];
}
