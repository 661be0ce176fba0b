import type { RuleContext } from "@voxplain/onnx-autodiff";
import type { LinearLayer } from "./linear-layer.ts";
import { isNonNegative } from "./non-negative.ts";

/**
 * How a linear layer hands relevance to its inputs; x⁺ = max(x, 0), x⁻ = min(x, 0), c = R / z.
 * - `epsilon`: z = W·x + b stabilized by ε; x·Wᵀc (Bach et al. 2015).
 * - `alpha-beta`: z⁺ = W⁺x⁺ + W⁻x⁻ + b⁺ and z⁻ = W⁻x⁺ + W⁺x⁻ + b⁻, their shares times α and −β, α − β = 1 (Bach
 *   et al. 2015); α = 1, β = 0 is the z⁺ rule (Montavon et al. 2017).
 * - `gamma`: as epsilon with W + γW⁺ where W·x + b > 0, and its mirror image where it is < 0 (Montavon et al. 2019).
 * - `box`: z = W·x − W⁺·low − W⁻·high, the zᴮ rule of inputs within bounds (Montavon et al. 2017); bounds are a
 *   number, one per channel, or each input's own minimum and maximum where absent.
 * - `flat`: as if weights and inputs were all 1 (Lapuschkin et al. 2019); `w-square`: W² for W, 1 for x.
 */
export type LrpRule =
  | {
      /** ε. */
      readonly rule: "epsilon";
      /** Default 1e-6. */
      readonly epsilon?: number;
    }
  | {
      /** γ. */
      readonly rule: "gamma";
      /** Default 0.25. */
      readonly gamma?: number;
    }
  | {
      /** αβ; z⁺ with α = 1. */
      readonly rule: "alpha-beta";
      /** Weight of positive contributions to the neuron. */
      readonly alpha: number;
      /** Weight of negative contributions: α − 1. */
      readonly beta: number;
    }
  | {
      /** zᴮ. */
      readonly rule: "box";
      /** The lowest possible input; default: each image's lowest. */
      readonly low?: Bound | undefined;
      /** The highest possible input; default: each image's highest. */
      readonly high?: Bound | undefined;
    }
  | {
      /** All inputs alike. */
      readonly rule: "flat";
    }
  | {
      /** By the squares of the weights. */
      readonly rule: "w-square";
    };

/** One number for all channels, or one for each. */
export type Bound = number | readonly number[];

/** What is added to denominators, with their sign: relevance of a neuron that has no cause is 0, not NaN. */
export const stabilizer = 1e-6;

/** The relevance of the layer's input. Without a bias the bias is not in the denominators either. */
export function relevanceOfInput(layer: LinearLayer, relevance: string, rule: LrpRule): string {
  switch (rule.rule) {
    case "epsilon":
      return epsilon(layer, relevance, rule.epsilon ?? stabilizer);
    case "gamma":
      return gamma(layer, relevance, rule.gamma ?? 0.25);
    case "alpha-beta":
      return alphaBeta(layer, relevance, rule.alpha, rule.beta);
    case "box":
      return box(layer, relevance, rule.low, rule.high);
    case "flat":
      return unweighted(layer, relevance, (g, value) => g.emit("Expand", [g.float(1), g.shapeOf(value)]));
    case "w-square":
      return unweighted(layer, relevance, (g, value) => g.emit("Mul", [value, value]), layer.bias);
  }
}

/** z + ε where z ≥ 0, z − ε elsewhere. */
export function stabilized(g: RuleContext, z: string, by = stabilizer): string {
  const negative = g.emit("Less", [z, g.float(0)]);
  return g.emit("Add", [z, g.emit("Where", [negative, g.float(-by), g.float(by)])]);
}

const divide = (g: RuleContext, a: string, b: string) => g.emit("Div", [a, stabilized(g, b)]);
const times = (g: RuleContext, a: string, b: string) => g.emit("Mul", [a, b]);
const plus = (g: RuleContext, values: readonly string[]) =>
  values.reduce((sum, value) => g.emit("Add", [sum, value]));
const positive = (g: RuleContext, value: string) => g.emit("Relu", [value]);
const negative = (g: RuleContext, value: string) => g.emit("Min", [value, g.float(0)]);

function epsilon(layer: LinearLayer, relevance: string, by: number): string {
  const { g, x, weight } = layer;
  const c = g.emit("Div", [relevance, stabilized(g, asItIs(layer), by)]);
  return times(g, x, layer.transposed(c, weight));
}

/** W·x + b, which was computed already unless the bias is left out. */
function asItIs({ g, x, y, weight, bias, apply }: LinearLayer): string {
  return bias === undefined && g.x[2] ? apply(x, weight, undefined) : y;
}

/** A part of the input with the weights and the bias that it meets. */
interface Part {
  readonly x: string;
  readonly weight: string;
  readonly bias: string | undefined;
}

const applied = (layer: LinearLayer, parts: readonly Part[]) =>
  plus(
    layer.g,
    parts.map(({ x, weight, bias }) => layer.apply(x, weight, bias)),
  );
const shared = (layer: LinearLayer, parts: readonly Part[], c: string) =>
  plus(
    layer.g,
    parts.map(({ x, weight }) => times(layer.g, x, layer.transposed(c, weight))),
  );

/** x⁺ with one version of the weights and the bias, x⁻ with another; x⁻ is left out where it is 0. */
function parts(layer: LinearLayer, ofPositive: Version, ofNegative: Version): readonly Part[] {
  const { g, x, weight, bias } = layer;
  const rectified = isNonNegative(g, x, layer.nonNegative);
  const part = { weight: ofPositive(g, weight), bias: bias && ofPositive(g, bias) };
  if (rectified) return [{ x, ...part }];
  return [
    { x: positive(g, x), ...part },
    { x: negative(g, x), weight: ofNegative(g, weight), bias: undefined },
  ];
}

type Version = (g: RuleContext, parameter: string) => string;

function alphaBeta(layer: LinearLayer, relevance: string, alpha: number, beta: number): string {
  const { g } = layer;
  const share = (own: readonly Part[]) => shared(layer, own, divide(g, relevance, applied(layer, own)));
  const raising = share(parts(layer, positive, negative));
  const scaled = alpha === 1 ? raising : times(g, raising, g.float(alpha));
  if (beta === 0) return scaled;
  return g.emit("Sub", [scaled, times(g, share(parts(layer, negative, positive)), g.float(beta))]);
}

function gamma(layer: LinearLayer, relevance: string, by: number): string {
  const { g, y } = layer;
  const version =
    (part: Version): Version =>
    (_, parameter) =>
      g.emit("Add", [parameter, times(g, part(g, parameter), g.float(by))]);
  const share = (own: readonly Part[], condition: "Greater" | "Less") => {
    const quotient = divide(g, relevance, applied(layer, own));
    const chosen = g.emit("Where", [g.emit(condition, [y, g.float(0)]), quotient, g.float(0)]);
    return shared(layer, own, chosen);
  };
  return plus(g, [
    share(parts(layer, version(positive), version(negative)), "Greater"),
    share(parts(layer, version(negative), version(positive)), "Less"),
  ]);
}

function box(layer: LinearLayer, relevance: string, low: Bound | undefined, high: Bound | undefined): string {
  const { g, x, weight, bias } = layer;
  const bounds = [
    { x: bound(g, x, low, "ReduceMin"), weight: positive(g, weight), bias: bias && positive(g, bias) },
    { x: bound(g, x, high, "ReduceMax"), weight: negative(g, weight), bias: bias && negative(g, bias) },
  ];
  const z = g.emit("Sub", [asItIs(layer), applied(layer, bounds)]);
  const c = divide(g, relevance, z);
  return g.emit("Sub", [times(g, x, layer.transposed(c, weight)), shared(layer, bounds, c)]);
}

/** A bound stretched to the shape of x: padding is 0, not the bound. */
function bound(
  g: RuleContext,
  x: string,
  given: Bound | undefined,
  reduction: "ReduceMin" | "ReduceMax",
): string {
  const axes = g
    .dims(x)
    .map((_, axis) => axis)
    .slice(1);
  if (given === undefined) {
    const extreme =
      g.opset >= 18
        ? g.emit(reduction, [x, g.int64(axes)], { keepdims: 1 })
        : g.emit(reduction, [x], { axes, keepdims: 1 });
    return g.emit("Expand", [extreme, g.shapeOf(x)]);
  }
  const values = typeof given === "number" ? [given] : given;
  const channels = g.dims(x)[1];
  if (values.length !== 1 && values.length !== channels) {
    throw g.unsupported(`there are ${values.length} bounds for its ${channels ?? "?"} channels`);
  }
  const shape = [1, values.length, ...axes.slice(1).map(() => 1)];
  return g.emit("Expand", [g.float(values, shape), g.shapeOf(x)]);
}

/** Wᵀ(R / (W·1 + b)) with other weights: how much a neuron was active has no part in it. */
function unweighted(layer: LinearLayer, relevance: string, version: Version, bias?: string): string {
  const { g, x } = layer;
  const weight = version(g, layer.weight);
  const ones = g.emit("Expand", [g.float(1), g.shapeOf(x)]);
  const z = layer.apply(ones, weight, bias && version(g, bias));
  return layer.transposed(divide(g, relevance, z), weight);
}
