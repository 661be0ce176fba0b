import type { Tensor } from "@voxplain/core";
import type { DeadGradient, DifferentiableModel } from "../attribution.ts";
import { notFiniteIn } from "../finite/not-finite.ts";
import { total } from "../numerics/vectors.ts";
import type { Prediction } from "../prediction.ts";

/** Something about a map, or about the logits behind it, that its user has to know. */
export type MapWarning =
  | {
      /** The map holds NaN or infinite values, though the logits are finite. */
      readonly kind: "map-not-finite";
      /** How many. */
      readonly count: number;
      /** Among how many. */
      readonly size: number;
    }
  | {
      /** The map is 0 everywhere. */
      readonly kind: "map-zero";
      /** The value of the network behind which no gradient comes through, where that is the reason. */
      readonly diesAt?: DeadGradient;
    }
  | {
      /** The map should add up to a change of the output, and misses it by more than 5 %. */
      readonly kind: "map-incomplete";
      /** What is missed, as a fraction of the change. */
      readonly missed: number;
    }
  | {
      /** All classes have the same logit. */
      readonly kind: "equal-logits";
    };

/** A larger part of the change must not be missing. */
const mostMissed = 0.05;

/** What float32 leaves of a difference of logits, as a fraction of the largest. */
const rounding = 1e-5;

/** What is looked at: one input's map and logits. */
interface Found {
  readonly map: Tensor<"float32">;
  readonly prediction: Prediction;
  readonly delta?: number;
  /** The part of `delta` that the method does not account for itself; default: all of it. */
  readonly unexplained?: number;
}

/** What is odd about the logits of an input. */
export function logitWarnings({ logits }: Prediction): readonly MapWarning[] {
  const [first, ...others] = logits;
  const areEqual = others.length > 0 && others.every((logit) => logit === first);
  return areEqual ? [{ kind: "equal-logits" }] : [];
}

/** What is odd about a map; why it is zero is found out by `model`. */
export async function warningsOf(
  { map, prediction, delta, unexplained = delta }: Found,
  whyZero: () => Promise<DeadGradient | undefined>,
): Promise<MapWarning[]> {
  const warnings: MapWarning[] = [...logitWarnings(prediction)];
  const { logits } = prediction;
  const size = map.data.length;
  if (size === 0) return warnings;
  const notFinite = notFiniteIn(map.data);
  if (notFinite) {
    return [...warnings, { kind: "map-not-finite", count: notFinite.nan + notFinite.infinite, size }];
  }
  if (map.data.every((value) => value === 0)) {
    const diesAt = await whyZero();
    warnings.push({ kind: "map-zero", ...(diesAt && { diesAt }) });
  }
  if (delta === undefined || unexplained === undefined) return warnings;
  const change = total(map.data) - delta;
  const largest = logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  if (Math.abs(unexplained) > Math.max(mostMissed * Math.abs(change), rounding * largest)) {
    warnings.push({ kind: "map-incomplete", missed: unexplained / change });
  }
  return warnings;
}

/** A warning in a cell of a table: "map-zero", "map-not-finite:12", "map-incomplete:0.21", "equal-logits". */
export function warningCode(warning: MapWarning): string {
  if (warning.kind === "map-not-finite") return `${warning.kind}:${warning.count}`;
  if (warning.kind === "map-incomplete") return `${warning.kind}:${Number(warning.missed.toPrecision(2))}`;
  return warning.kind;
}

/** Asks a model once where its gradient dies, and only when a map is zero. */
export function whyZero(model: DifferentiableModel, target: number) {
  let asked: Promise<DeadGradient | undefined> | undefined;
  return (input: Tensor<"float32">) => {
    asked ??= model.whereGradientDies?.(input, target) ?? Promise.resolve(undefined);
    return asked;
  };
}
