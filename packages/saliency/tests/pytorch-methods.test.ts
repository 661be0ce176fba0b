import { tensor } from "@voxplain/core";
import { type DifferentiableModel, differentiableModel, methods } from "@voxplain/saliency";
import { afterAll, describe, expect, it } from "vitest";
import { recordAccuracy } from "../../../tests/accuracy.ts";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { quadratureRules } from "../src/numerics/quadrature.ts";
import { everyMethod } from "./every-method.ts";
import {
  floats,
  inputsOf,
  labelsOf,
  type MethodCase,
  networkOf,
  readMethodFixtures,
  referencesOf,
  relativeError,
  spelledOptions,
} from "./method-fixtures.ts";

const { target, suites } = readMethodFixtures();
const runtime = directRuntime();

describe.each(suites)("on $network, as PyTorch in float64", (suite) => {
  const model: DifferentiableModel = differentiableModel(networkOf(suite), runtime);
  const input = inputsOf(suite);
  const cohort = referencesOf(suite);
  afterAll(() => model.release());

  /** The options that stand for files, and the inner method, as the caller would resolve them. */
  function create({ method, options }: MethodCase) {
    const { baselineImage, references, labels, innerMethod, ...values } = options;
    return everyMethod[method]!.create({
      ...values,
      ...(baselineImage !== undefined && {
        baselineImage: tensor("float32", suite.dims, floats(suite.image)),
      }),
      ...(references !== undefined && {
        references: { length: cohort.length, read: async (index: number) => cohort[index]! },
      }),
      ...(labels !== undefined && { labels: labelsOf(suite) }),
      ...(innerMethod !== undefined && {
        innerMethod: everyMethod[String(innerMethod)]!.create(
          innerMethod === "integrated-gradients" ? { rule: "gausslegendre" } : undefined,
        ),
      }),
    }).compute;
  }

  it.each(quadratureRules)(
    "integrated gradients refined by %s miss the integral by less than the tolerance",
    async (rule) => {
      // The error of rules that take one end falls slowly.
      for (const tolerance of /left|right/.test(rule) ? [0.05] : [0.05, 0.02]) {
        const { compute } = methods["integrated-gradients"].create({ rule, tolerance, maxPasses: 4000 });
        const { map, refinement } = await compute(model, input, target);
        const size = map.data.length / suite.integrals.length;
        for (const [n, integral] of suite.integrals.entries()) {
          expect(refinement![n]!.converged).toBe(true);
          const found = map.data.subarray(n * size, (n + 1) * size);
          expect(relativeError(found, floats(integral))).toBeLessThan(tolerance);
        }
      }
    },
  );

  it.each(suite.cases.map((one) => [one.method, JSON.stringify(one.options), one] as const))(
    "%s %s",
    async (_method, _options, reference) => {
      const { map, logits, delta } = await create(reference)(model, input, target);
      expect(map.dims).toEqual(reference.dims);
      // Float32 in the network: 4e-7 of a gradient at most, and 8e-6 of a difference of logits, in which digits cancel out.
      const tolerance = everyMethod[reference.method]?.needs === "forward" ? 2e-5 : 1e-6;
      const error = relativeError(map.data, floats(reference.map));
      recordAccuracy("methods", `${reference.method} ${suite.network} ${JSON.stringify(reference.options)}`, {
        method: reference.method,
        network: suite.network,
        options: spelledOptions(reference.options),
        error,
      });
      expect(error).toBeLessThan(tolerance);
      expect(relativeError(logits.data, suite.logits.flat())).toBeLessThan(1e-6);
      expect(delta?.length).toBe(reference.delta?.length);
      for (const [n, value] of (delta ?? []).entries()) {
        // Differences of logits of the order of 1 in float32.
        expect(Math.abs(value - reference.delta![n]!)).toBeLessThan(4e-6);
      }
    },
  );
});
