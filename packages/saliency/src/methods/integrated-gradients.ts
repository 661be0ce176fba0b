import { elementAt, elementCount, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { AttributionMethod, DifferentiableModel, Refinement } from "../attribution.ts";
import { type Baseline, baselineFrom, baselineOptions, baselinesOf, checkBaseline } from "../baseline.ts";
import {
  type ChunkOptions,
  checkChunkSize,
  chunkSizeOption,
  eachVariant,
  lenderOf,
  logitsInChunks,
  rowsOf,
} from "../chunks.ts";
import { defineMethod } from "../define-method.ts";
import { notFiniteIn } from "../finite/not-finite.ts";
import { fewestPoints, integrateRefined } from "../numerics/path-refinement.ts";
import {
  type QuadratureRule,
  quadrature,
  quadratureAliases,
  quadratureRule,
  quadratureRules,
} from "../numerics/quadrature.ts";
import {
  addScaled,
  alongPath,
  interpolate,
  interpolateFromZero,
  timesDifference,
} from "../numerics/vectors.ts";
import { checkSize, checkWhole } from "../option-range.ts";
import { exactly } from "../passes.ts";

/** Options of integrated gradients. */
export interface IntegratedGradientsOptions extends ChunkOptions {
  /** Points on the path at which the gradient is computed; with `tolerance`, about how many at first. Default 32. */
  readonly steps?: number;
  /** How the path integral is approximated; default "riemann_middle". */
  readonly rule?: QuadratureRule | keyof typeof quadratureAliases;
  /** Where the path begins; default "zero". */
  readonly baseline?: Baseline;
  /**
   * Refines the path where the map changes most, until |delta| ≤ tolerance · |f(x) − f(x′)| and the last refinements
   * changed the map by no more than tolerance · ‖map‖ in L2 norm. By default nothing is refined.
   */
  readonly tolerance?: number | undefined;
  /** Passes through the network, at most, for each input with `tolerance`; default 1000. */
  readonly maxPasses?: number;
}

/**
 * (x − x′) · ∫₀¹ ∂ logit[target] / ∂x at x′ + α (x − x′) dα on the straight path from the baseline x′ to the input x.
 * `delta` is the map's error against logit(x) − logit(x′); only `tolerance` uses it.
 * Sundararajan, Taly, Yan 2017, arXiv:1703.01365.
 * @throws VoxplainError `invalid-argument` for an option out of range; `mismatch` for a baseline of another shape.
 */
export function integratedGradients(options: IntegratedGradientsOptions = {}): AttributionMethod {
  const { steps = 32, baseline = "zero", tolerance, maxPasses = 1000 } = options;
  const rule = quadratureRule(options.rule ?? "riemann_middle");
  checkWhole("steps", steps, 1);
  checkBaseline(baseline);
  checkChunkSize(options);
  checkWhole("max_passes", maxPasses, 1);
  if (tolerance !== undefined) checkTolerance(tolerance, maxPasses, rule, steps);
  return async (model, input, target) => {
    const { inputDims, classCount } = model;
    const inputs = rowsOf(input);
    const baselines = baselinesOf(baseline, inputs, inputDims);
    const isFromZero = baseline === "zero" || baseline === 0;
    const paths = { model, target, inputs, baselines, isFromZero, options };
    const { map, totals, logits, ofBaselines, refinement } =
      tolerance === undefined
        ? await alongFixedPoints(paths, rule, steps)
        : await alongRefinedPoints(paths, rule, steps, { tolerance, maxPasses });
    const delta = totals.map((total, row) => {
      const at = row * classCount + target;
      return total - (elementAt(logits.data, at) - elementAt(ofBaselines.data, at));
    });
    return { map: tensor("float32", input.dims, map), logits, delta, ...(refinement && { refinement }) };
  };
}

/** The paths from baselines to inputs. */
interface Paths {
  readonly model: DifferentiableModel;
  readonly target: number;
  readonly inputs: readonly Float32Array[];
  readonly baselines: readonly Float32Array[];
  /** Whether every baseline is 0 everywhere. */
  readonly isFromZero: boolean;
  readonly options: ChunkOptions;
}

/** Maps, one after the other, their sums, and the logits at the ends of the paths. */
interface PathIntegrals {
  readonly map: Float32Array;
  readonly totals: readonly number[];
  readonly logits: Tensor<"float32">;
  readonly ofBaselines: Tensor<"float32">;
  readonly refinement?: readonly Refinement[];
}

/** The maps of mean gradients along the paths. */
function mapsOf({ inputs, baselines }: Paths, meansOf: (row: number) => Float64Array | Float32Array) {
  const size = inputs[0]?.length ?? 0;
  const map = new Float32Array(inputs.length * size);
  const totals = inputs.map((values, row) => {
    const into = map.subarray(row * size, (row + 1) * size);
    return timesDifference(meansOf(row), values, elementAt(baselines, row), into);
  });
  return { map, totals };
}

async function alongFixedPoints(paths: Paths, rule: QuadratureRule, steps: number): Promise<PathIntegrals> {
  const { model, inputs, baselines } = paths;
  const { classCount } = model;
  const { points, weights } = quadrature(rule, steps);
  const logitsAt = (position: number) =>
    new Float32Array(points.includes(position) ? inputs.length * classCount : 0);
  const ends = [logitsAt(0), logitsAt(1)] as const;
  const path = {
    points,
    weights,
    seen(row: number, point: number, logits: Float32Array) {
      const position = elementAt(points, point);
      if (position === 0 || position === 1) ends[position].set(logits, row * classCount);
    },
  };
  const maps = (await alongRay(paths, path)) ?? (await pointByPoint(paths, path));
  const known = (values: Float32Array) =>
    values.length > 0 ? tensor("float32", [inputs.length, classCount], values) : undefined;
  return {
    ...maps,
    logits: known(ends[1]) ?? (await logitsOf(paths, inputs)),
    ofBaselines: known(ends[0]) ?? (await logitsOf(paths, baselines)),
  };
}

/** Points on each path, and who sees the logits there. */
interface FixedPoints {
  readonly points: readonly number[];
  readonly weights: readonly number[];
  seen(row: number, point: number, logits: Float32Array): void;
}

/** The map of a path from 0 whose gradients the model sums; undefined where it does not. */
async function alongRay(paths: Paths, { points, weights, seen }: FixedPoints) {
  const { model, target, inputs, isFromZero, options } = paths;
  const [values, ...others] = inputs;
  const isSummed = isFromZero && !points.includes(0) && (options.chunkSize ?? 1) === 1;
  if (values === undefined || others.length > 0 || !isSummed) return undefined;
  const ray = await model.beginRay?.(tensor("float32", [1, ...model.inputDims], values), target);
  if (ray === undefined) return undefined;
  try {
    for (const [point, position] of points.entries()) {
      const { data } = await ray.add({ position, weight: elementAt(weights, point) });
      seen(0, point, data);
    }
    const { gradient, giveBack } = await ray.sum();
    const maps = mapsOf(paths, () => gradient.data);
    giveBack?.();
    return maps;
  } finally {
    ray.release();
  }
}

/** Maps of the gradients at each point. */
async function pointByPoint(paths: Paths, { points, weights, seen }: FixedPoints) {
  const { model, target, inputs, baselines, isFromZero, options } = paths;
  const { inputDims, classCount } = model;
  const size = elementCount(inputDims);
  const sums = new Float64Array(inputs.length * size);
  // What is between finite values is finite.
  const knownFinite = [...inputs, ...new Set(baselines)].every((values) => notFiniteIn(values) === undefined);
  await eachVariant({
    ...options,
    count: inputs.length * points.length,
    dims: inputDims,
    write: (index, into) => {
      const row = Math.floor(index / points.length);
      const position = elementAt(points, index % points.length);
      const to = elementAt(inputs, row);
      if (isFromZero && position !== 1) interpolateFromZero(to, position, into);
      else interpolate(elementAt(baselines, row), to, position, into);
    },
    lender: lenderOf(model, "gradient"),
    compute: (batch) => model.gradient(batch, target, { borrow: true, knownFinite }),
    read: ({ gradient: { data }, logits }, at, index) => {
      const row = Math.floor(index / points.length);
      const point = index % points.length;
      seen(row, point, logits.data.subarray(at * classCount, (at + 1) * classCount));
      addScaled(sums.subarray(row * size, (row + 1) * size), data, at * size, elementAt(weights, point));
    },
  });
  return mapsOf(paths, (row) => sums.subarray(row * size, (row + 1) * size));
}

/** One path after the other, for each needs points of its own. */
async function alongRefinedPoints(
  paths: Paths,
  rule: QuadratureRule,
  steps: number,
  { tolerance, maxPasses }: { readonly tolerance: number; readonly maxPasses: number },
): Promise<PathIntegrals> {
  const { model, target, inputs, baselines, options } = paths;
  const { inputDims, classCount } = model;
  const size = elementCount(inputDims);
  const sums = new Float64Array(inputs.length * size);
  const logits = await logitsOf(paths, inputs);
  const ofBaselines = await logitsOf(paths, baselines);
  const refinement: Refinement[] = [];
  for (const [row, to] of inputs.entries()) {
    const from = elementAt(baselines, row);
    const place = row * classCount + target;
    const rise = elementAt(logits.data, place) - elementAt(ofBaselines.data, place);
    const path = {
      ...{ rule, steps, maxPoints: maxPasses - passesForEnds },
      gradientsAt: (positions: readonly number[], read: (gradient: Float32Array) => void) =>
        eachVariant({
          ...options,
          count: positions.length,
          dims: inputDims,
          write: (index, into) => interpolate(from, to, elementAt(positions, index), into),
          lender: lenderOf(model, "gradient"),
          compute: (batch) => model.gradient(batch, target, { borrow: true }),
          read: ({ gradient: { data } }, at) => read(data.subarray(at * size, (at + 1) * size)),
        }),
      norm: (integral: Float64Array) => alongPath(integral, from, to).norm,
      judge: (integral: Float64Array, change: number) => {
        const { total, norm } = alongPath(integral, from, to);
        if (!(change <= tolerance * norm)) return "changing" as const;
        const missed = Math.abs(total - rise);
        return missed <= tolerance * Math.abs(rise) ? ("reached" as const) : ("unseen" as const);
      },
    };
    const { converged, points } = await integrateRefined(path, sums.subarray(row * size, (row + 1) * size));
    refinement.push({ passes: points + passesForEnds, converged });
  }
  return {
    ...mapsOf(paths, (row) => sums.subarray(row * size, (row + 1) * size)),
    ...{ logits, ofBaselines, refinement },
  };
}

/** The logits of input and baseline. */
const passesForEnds = 2;

/** By the session that is open anyway: another one would have its own memory. */
function logitsOf({ model, options }: Paths, all: readonly Float32Array[]) {
  return logitsInChunks(model, all, options, (batch) => model.forward(batch, { inGradient: true }));
}

function checkTolerance(tolerance: number, maxPasses: number, rule: QuadratureRule, steps: number): void {
  checkSize("tolerance", tolerance, "positive");
  const fewest = fewestPoints(rule, steps) + passesForEnds;
  if (maxPasses >= fewest) return;
  const setting = `tolerance, rule ${rule} and ${steps} steps`;
  throw new VoxplainError("invalid-argument", `max_passes must be at least ${fewest} with ${setting}`, {
    found: `${maxPasses}`,
  });
}

export const integratedGradientsEntry = defineMethod({
  name: "integrated-gradients",
  title: "Integrated gradients",
  summary: "each voxel's share of the difference between the logits of the image and of a baseline",
  paper: "Sundararajan, Taly, Yan 2017, arXiv:1703.01365",
  begins: "gradient",
  options: {
    steps: {
      kind: "integer",
      default: 32,
      doc: "number of gradients along the path from baseline to image; with tolerance, about the number of the first round",
    },
    rule: {
      kind: "choice",
      choices: quadratureRules,
      aliases: quadratureAliases,
      default: "riemann_middle",
      doc: "how the integral is approximated",
    },
    tolerance: {
      kind: "number",
      otherwise: "nothing is refined",
      doc: "refine the path until the error of the sum is at most this fraction of the difference of the logits, and the map changes by no more",
    },
    maxPasses: {
      kind: "integer",
      default: 1000,
      doc: "largest number of passes through the network for one image, with tolerance",
    },
    ...baselineOptions,
    ...chunkSizeOption,
  },
  passes({ steps, rule, tolerance, maxPasses }) {
    if (tolerance !== undefined) return { least: fewestPoints(rule, steps) + passesForEnds, most: maxPasses };
    const { points } = quadrature(rule, steps);
    return exactly(points.length + [0, 1].filter((end) => !points.includes(end)).length);
  },
  create: (values) => integratedGradients({ ...values, baseline: baselineFrom(values) }),
});
