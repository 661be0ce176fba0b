import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  reduce,
  type Standardized,
  standardized,
} from "@voxplain/onnx-graph";
import { type GradientRule, type GradientRules, inputOf, type RuleContext, unary } from "../rule.ts";
import { fromFront } from "./attributes.ts";
import { add, divide, equal, multiply, square, squareRoot, subtract, timesSign, where } from "./formula.ts";
import { elementsAlong } from "./reduction.ts";
import { localResponse } from "./response-normalization.ts";

const axesOf = (g: RuleContext) => g.dims(g.x[0]).map((_, axis) => axis);

/** A value per channel, [C], shaped so that it broadcasts over [N, C, …]. */
function perChannel(g: RuleContext, value: string, rank = axesOf(g).length): string {
  return g.emit("Reshape", [value, g.int64([-1, ...new Array<number>(rank - 2).fill(1)])]);
}

/** The cotangents of scale and shift, [C], of y = scale·x̂ + shift, where dy and x̂ are [N, C, …]. */
function ofScaleAndShift(g: RuleContext, dy: string, normalized: string, rank = axesOf(g).length) {
  const others = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  const summed = (value: string) => reduce(g, "ReduceSum", value, others, false);
  return [
    g.wants(1) ? summed(multiply(g, dy, normalized)) : undefined,
    g.wants(2) ? summed(dy) : undefined,
  ] as const;
}

/** With running statistics it is linear: dy · scale / √(variance + ε). */
const batchNormalization: GradientRule = (g, [dy]) => {
  if (intAttribute(g.node.attributes, "training_mode", 0) === 1)
    throw g.unsupported("it is in training mode");
  if (g.wants(3) || g.wants(4)) throw g.unsupported("its statistics are not fixed");
  if (dy === undefined) return [];
  const [x, scale] = [g.x[0], inputOf(g, 1)];
  const [average, variance] = [inputOf(g, 3), inputOf(g, 4)];
  const deviation = squareRoot(g, add(g, variance, epsilonOf(g)));
  const normalized = () => divide(g, subtract(g, x, perChannel(g, average)), perChannel(g, deviation));
  return [
    g.wants(0) ? multiply(g, dy, perChannel(g, divide(g, scale, deviation))) : undefined,
    ...(g.wants(1) || g.wants(2) ? ofScaleAndShift(g, dy, normalized()) : []),
  ];
};

/** The cotangent of x from that of x̂: (dx̂ − mean dx̂ − x̂ · mean(dx̂·x̂)) / √(var x + ε). */
function throughStandardization(g: RuleContext, dy: string, { value, deviation, axes }: Standardized) {
  const mean = (of: string) => reduce(g, "ReduceMean", of, axes, true);
  const along = multiply(g, value, mean(multiply(g, dy, value)));
  const across = subtract(g, subtract(g, dy, mean(dy)), along);
  return divide(g, across, deviation);
}

const epsilonOf = (g: RuleContext) => floatAttribute(g.node.attributes, "epsilon", 1e-5);

/** y = scale·x̂ + shift, standardized over space, so that the scale can be taken out of the sums. */
const instanceNormalization: GradientRule = (g, [dy]) => {
  if (dy === undefined) return [];
  const [x, scale] = [g.x[0], inputOf(g, 1)];
  const normalized = standardized(g, x, axesOf(g).slice(2), epsilonOf(g));
  const dx = () => multiply(g, throughStandardization(g, dy, normalized), perChannel(g, scale));
  return [g.wants(0) ? dx() : undefined, ...ofScaleAndShift(g, dy, normalized.value)];
};

/** Standardized over groups of channels. Scale and shift are per channel, before operator set 21 per group. */
const groupNormalization: GradientRule = (g, [dy]) => {
  if (dy === undefined) return [];
  const [x, scale] = [g.x[0], inputOf(g, 1)];
  const groups = intAttribute(g.node.attributes, "num_groups", 1);
  const grouped = (value: string) => g.emit("Reshape", [value, g.int64([0, groups, -1])]);
  const ungrouped = (value: string) => g.emit("Reshape", [value, g.shapeOf(x)]);
  const normalized = standardized(g, grouped(x), [2], epsilonOf(g));
  const scalesGroups = g.opset < 21;
  const wide = scalesGroups ? grouped(dy) : dy;
  const rank = scalesGroups ? 3 : axesOf(g).length;
  const dx = () => {
    const scaled = multiply(g, wide, perChannel(g, scale, rank));
    return ungrouped(throughStandardization(g, scalesGroups ? scaled : grouped(scaled), normalized));
  };
  const wantsScale = g.wants(1) || g.wants(2);
  const inFull = () => (scalesGroups ? normalized.value : ungrouped(normalized.value));
  return [g.wants(0) ? dx() : undefined, ...(wantsScale ? ofScaleAndShift(g, wide, inFull(), rank) : [])];
};

/** Standardized over the axes from `axis` on, with a scale and shift per element of them. */
const layerNormalization: GradientRule = (g, [dy, dMean, dInverse]) => {
  const [x, scale] = [g.x[0], inputOf(g, 1)];
  const first = fromFront(intAttribute(g.node.attributes, "axis", -1), axesOf(g).length);
  const normalized = standardized(g, x, axesOf(g).slice(first), epsilonOf(g));
  const dims = g.dims(g.y[0]);
  const dx = () => {
    const ofY = dy && throughStandardization(g, multiply(g, dy, scale), normalized);
    if (dMean === undefined && dInverse === undefined) return ofY;
    const ofRest = ofStatistics(g, normalized, axesOf(g).slice(first), dMean, dInverse);
    return ofY === undefined ? ofRest : add(g, ofY, ofRest);
  };
  return [
    g.wants(0) ? dx() : undefined,
    dy !== undefined && g.wants(1)
      ? g.unbroadcast(multiply(g, dy, normalized.value), dims, scale)
      : undefined,
    dy !== undefined && g.wants(2) ? g.unbroadcast(dy, dims, inputOf(g, 2)) : undefined,
  ];
};

/** The mean's share of each of n elements is 1/n; that of 1/σ is −x̂/(n·σ²). The statistics may be of another type. */
function ofStatistics(
  g: RuleContext,
  { value, deviation }: { value: string; deviation: string },
  axes: readonly number[],
  dMean: string | undefined,
  dInverse: string | undefined,
): string {
  const x = g.x[0];
  const like = (cotangent: string) => g.emit("CastLike", [cotangent, x]);
  const zeros = g.zeros(g.shapeOf(x));
  const ofMean = dMean === undefined ? zeros : add(g, like(dMean), zeros);
  const ofInverse =
    dInverse === undefined ? zeros : multiply(g, divide(g, like(dInverse), square(g, deviation)), value);
  return divide(g, subtract(g, ofMean, ofInverse), elementsAlong(g, axes));
}

/** y = (x − mean x)/(√var x + 1e-9): the standardization, to more digits than float32 has. */
const meanVarianceNormalization = unary((g, dy) => {
  const axes = intsAttribute(g.node.attributes, "axes", [0, 2, 3]);
  return throughStandardization(g, dy, standardized(g, g.x[0], axes, 1e-18));
});

/**
 * y = x/‖x‖ along an axis: (dy − ∂‖x‖·Σ(dy·y))/‖x‖, where ∂‖x‖ is y for the Euclidean norm and the
 * sign of x for the sum of magnitudes. 0 where all are 0.
 */
const lpNormalization = unary((g, dy) => {
  const x = g.x[0];
  const axis = intAttribute(g.node.attributes, "axis", -1);
  const sum = (value: string) => reduce(g, "ReduceSum", value, [axis], true);
  const isL1 = intAttribute(g.node.attributes, "p", 2) === 1;
  const norm = isL1 ? sum(g.emit("Abs", [x])) : squareRoot(g, sum(square(g, x)));
  const along = sum(multiply(g, dy, g.y[0]));
  const change = isL1 ? timesSign(g, along, x) : multiply(g, along, g.y[0]);
  return where(g, equal(g, norm, 0), 0, divide(g, subtract(g, dy, change), norm));
});

export const normalizationRules: GradientRules = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  LayerNormalization: layerNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LpNormalization: lpNormalization,
  LRN: localResponse,
};
