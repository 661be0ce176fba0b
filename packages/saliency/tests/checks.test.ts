import { readFileSync } from "node:fs";
import { elementCount, pauses, tensor } from "@voxplain/core";
import { decodeModel, type Network } from "@voxplain/onnx-graph";
import {
  type CheckResult,
  completeness,
  type DifferentiableModel,
  deletionAndInsertion,
  gradients,
  infidelity,
  integratedGradients,
  maxSensitivity,
  parameterRandomization,
} from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { randomWeights, weightedLayers, withWeights } from "../src/checks/randomized-network.ts";
import { rankCorrelation } from "../src/checks/rank-correlation.ts";
import { structuralSimilarity } from "../src/checks/structural-similarity.ts";
import { cubicModel, linearModel, someInputs } from "./toy-models.ts";

interface Fixtures {
  readonly similarities: readonly {
    readonly dims: readonly number[];
    readonly window: number;
    readonly range: number;
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly ssim: number;
    readonly spearman: number;
  }[];
  readonly dims: readonly number[];
  readonly inputs: readonly number[];
  readonly deletionInsertion: {
    readonly steps: number;
    readonly deletion: { readonly y: readonly number[]; readonly area: number };
    readonly insertion: { readonly y: readonly number[]; readonly area: number };
  };
  readonly infidelity: {
    readonly seed: number;
    readonly samples: number;
    readonly stdev: number;
    readonly plain: number;
    readonly scaled: number;
  };
  readonly maxSensitivity: {
    readonly seed: number;
    readonly samples: number;
    readonly radius: number;
    readonly value: number;
  };
}

const folder = new URL("fixtures/", import.meta.url);
const fixtures: Fixtures = JSON.parse(readFileSync(new URL("checks.json", folder), "utf8"));
const inputs = tensor("float32", [2, ...fixtures.dims], Float32Array.from(fixtures.inputs));
const model = cubicModel(fixtures.dims);

/** The model with its second logit alone. */
function singleOutput(two: DifferentiableModel): DifferentiableModel {
  return {
    ...two,
    classCount: 1,
    async forward(batch) {
      const { dims, data } = await two.forward(batch);
      return tensor(
        "float32",
        [dims[0]!, 1],
        data.filter((_, k) => k % 2 === 1),
      );
    },
  };
}

function valueIn({ rows }: CheckResult, check: string, quantity: string, parameter = ""): number {
  const found = rows.filter(
    (row) => row.check === check && row.quantity === quantity && row.parameter === parameter,
  );
  expect(found).toHaveLength(1);
  return found[0]!.value;
}

const pause = pauses(undefined);

describe("similarity of maps", () => {
  it.each(fixtures.similarities)("equals scipy's on $dims with window $window", async (one) => {
    const [a, b] = [Float32Array.from(one.a), Float32Array.from(one.b)];
    expect(await structuralSimilarity(a, b, one.dims, one)).toBeCloseTo(one.ssim, 10);
    expect(await rankCorrelation(a, b, pause)).toBeCloseTo(one.spearman, 12);
  });

  it("is 1 for the same map", async () => {
    const map = someInputs(1, [9, 8]).data;
    expect(await structuralSimilarity(map, map, [9, 8], { range: 2 })).toBeCloseTo(1, 12);
    const cubes = map.map((value) => value ** 3);
    expect(await rankCorrelation(map, cubes, pause)).toBe(1);
  });

  it("takes a smaller window where the grid is smaller, and refuses an even one", async () => {
    const [a, b] = [someInputs(1, [4, 5]).data, someInputs(1, [4, 5]).data.map((value) => value / 2)];
    expect(await structuralSimilarity(a, b, [4, 5], { range: 2 })).toBeLessThan(1);
    await expect(structuralSimilarity(a, b, [4, 5], { range: 2, window: 4 })).rejects.toThrow("odd number");
  });
});

describe("completeness", () => {
  it("gives the delta of each map, absolute and as a share of the difference", async () => {
    const attribution = await integratedGradients({ steps: 1, rule: "riemann-right" })(model, inputs, 1);
    const { rows } = completeness(attribution);
    expect(rows.map(({ quantity, parameter }) => `${parameter} ${quantity}`)).toEqual([
      "input 0 delta",
      "input 0 relative-delta",
      "input 1 delta",
      "input 1 relative-delta",
    ]);
    expect(rows[0]!.value).toBe(attribution.delta![0]);
    // The baseline's logit is 0. Float32 sums of 40 values; one step at the end of the path misses much.
    expect(Math.abs(rows[1]!.value)).toBeGreaterThan(0.1);
    expect(rows[1]!.value).toBeCloseTo(attribution.delta![0]! / attribution.logits.data[1]!, 5);
  });

  it("says nothing of methods that promise no sum", async () => {
    expect(completeness(await gradients(model, inputs, 1)).rows).toEqual([]);
  });
});

describe("deletionAndInsertion", () => {
  it("equals numpy's curves and areas", async () => {
    const { steps, ...expected } = fixtures.deletionInsertion;
    const { map } = await gradients(model, inputs, 1);
    const result = await deletionAndInsertion(model, map, inputs, 1, { steps, baseline: "mean" });
    for (const check of ["deletion", "insertion"] as const) {
      const curve = result.curves.find((one) => one.check === check && one.series === "map")!;
      expect(curve.x).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((step) => step / 7));
      // Probabilities of about 1 in float64; the toy model rounds its logits to float32 as the script does.
      for (const [k, value] of curve.y.entries()) expect(value).toBeCloseTo(expected[check].y[k]!, 12);
      expect(valueIn(result, check, "area", "map")).toBeCloseTo(expected[check].area, 12);
    }
  });

  it("is better than random orders for a map that is right", async () => {
    const weights = [3, -2, 1, 0.5, 4, -1];
    const linear = linearModel([1, 2, 3], weights);
    const ones = tensor("float32", [1, 1, 2, 3], new Float32Array(6).fill(1));
    const map = tensor("float32", [1, 1, 2, 3], Float32Array.from(weights));
    const options = { steps: 6, score: "logit", randomOrders: 40 } as const;
    const result = await deletionAndInsertion(linear, map, ones, 1, options);
    const area = (check: string, series: string) => valueIn(result, check, "area", series);
    expect(area("deletion", "map")).toBeLessThan(area("deletion", "random"));
    expect(area("insertion", "map")).toBeGreaterThan(area("insertion", "random"));
    // In a random order each part takes away as much: a straight line from 5.5 to 0. 40 orders leave ±0.5.
    expect(Math.abs(area("deletion", "random") - 2.75)).toBeLessThan(0.5);
    expect(await deletionAndInsertion(linear, map, ones, 1, options)).toEqual(result);
  });

  it("ranks by distance from 0 where asked to", async () => {
    const linear = linearModel([1, 1, 3], [1, -3, 2]);
    const ones = tensor("float32", [1, 1, 1, 3], Float32Array.of(1, 1, 1));
    const map = tensor("float32", [1, 1, 1, 3], Float32Array.of(1, -3, 2));
    const options = { steps: 3, score: "logit", ranking: "absolute", randomOrders: 0 } as const;
    const { curves } = await deletionAndInsertion(linear, map, ones, 1, options);
    expect(curves.map(({ check, y }) => [check, y])).toEqual([
      ["deletion", [0, 3, 1, 0]],
      ["insertion", [0, -3, -1, 0]],
    ]);
  });

  it("compares the value of a single output, whose softmax is always 1", async () => {
    const linear = singleOutput(linearModel([1, 1, 3], [1, -3, 2]));
    const ones = tensor("float32", [1, 1, 1, 3], Float32Array.of(1, 1, 1));
    const map = tensor("float32", [1, 1, 1, 3], Float32Array.of(1, -3, 2));
    const options = { steps: 3, randomOrders: 0 } as const;
    const { curves } = await deletionAndInsertion(linear, map, ones, 0, options);
    expect(curves.map(({ y }) => y)).toEqual([
      [0, -2, -3, 0],
      [0, 2, 3, 0],
    ]);
    const probability = { ...options, score: "probability" } as const;
    await expect(deletionAndInsertion(linear, map, ones, 0, probability)).rejects.toThrow(
      "a network of one output has no probabilities of classes",
    );
  });

  it("names a map of another grid", async () => {
    const map = tensor("float32", [2, 1, 4, 4], new Float32Array(32));
    await expect(deletionAndInsertion(model, map, inputs, 1)).rejects.toThrow(
      "the map does not fit the input: expected [",
    );
  });
});

describe("infidelity", () => {
  it("equals numpy's", async () => {
    const { plain, scaled, ...options } = fixtures.infidelity;
    const { map } = await gradients(model, inputs, 1);
    const result = await infidelity(model, map, inputs, 1, options);
    // Float32 logits and noisy inputs: some 1e-8 of squared differences of the order of 1.
    expect(valueIn(result, "infidelity", "infidelity")).toBeCloseTo(plain, 7);
    expect(valueIn(result, "infidelity", "scaled-infidelity")).toBeCloseTo(scaled, 7);
  });

  it("is 0 for the gradient of a linear model, and for its double once scaled", async () => {
    const linear = linearModel([1, 2, 3], [3, -2, 1, 0.5, 4, -1]);
    const input = someInputs(1, [1, 2, 3]);
    const doubled = tensor("float32", input.dims, Float32Array.of(6, -4, 2, 1, 8, -2));
    const result = await infidelity(linear, doubled, input, 1);
    expect(valueIn(result, "infidelity", "infidelity")).toBeGreaterThan(0.01);
    expect(valueIn(result, "infidelity", "scaled-infidelity")).toBeLessThan(1e-12);
  });

  it("repeats a map of one channel for each channel of the input", async () => {
    const linear = linearModel([2, 1, 2], [1, 2, 1, 2]);
    const map = tensor("float32", [1, 1, 1, 2], Float32Array.of(1, 2));
    const result = await infidelity(linear, map, someInputs(1, [2, 1, 2]), 1);
    expect(valueIn(result, "infidelity", "infidelity")).toBeLessThan(1e-12);
  });
});

describe("maxSensitivity", () => {
  it("equals numpy's, whatever the chunk", async () => {
    const { value, ...options } = fixtures.maxSensitivity;
    const whole = await maxSensitivity(model, gradients, inputs, 1, options);
    const apart = await maxSensitivity(model, gradients, inputs, 1, { ...options, chunkSize: 1 });
    expect(valueIn(whole, "max-sensitivity", "max-sensitivity")).toBeCloseTo(value, 7);
    expect(apart).toEqual(whole);
  });
});

describe.each([
  ["propagation-2d.onnx", [2, 9, 7]],
  ["propagation-3d.onnx", [1, 7, 6, 9]],
] as const)("parameterRandomization of %s", (file, dims) => {
  const decoded = decodeModel(readFileSync(new URL(file, folder)), { name: file });
  const network: Network = {
    model: decoded,
    input: "input",
    logits: "logits",
    inputDims: dims,
    classCount: 3,
  };
  const runtime = directRuntime();
  const input = someInputs(2, dims);
  const layers = weightedLayers(network);

  it("finds the layers with weights from the logits to the input", () => {
    const operators = new Map(decoded.graph.nodes.map(({ name, opType }) => [name, opType]));
    expect(layers.map(({ name }) => operators.get(name))).toEqual([
      "Gemm",
      "BatchNormalization",
      "Gemm",
      "Conv",
      "Conv",
      "BatchNormalization",
      "Conv",
      "BatchNormalization",
      "Conv",
    ]);
    // Weight and bias each, but for the convolution without bias.
    expect(layers.map(({ weights }) => weights.length)).toEqual([2, 2, 2, 2, 2, 2, 1, 2, 2]);
  });

  it("draws weights with the mean and spread of the trained ones, the same again for a seed", async () => {
    const dense = layers[2]!;
    const [drawn, again, other] = await Promise.all([
      randomWeights(decoded, dense, 3, pause),
      randomWeights(decoded, dense, 3, pause),
      randomWeights(decoded, dense, 4, pause),
    ]);
    expect(drawn).toEqual(again);
    expect(drawn).not.toEqual(other);
    const values = Array.from(drawn.get(dense.weights[0]!)!.data, Number);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    // The trained ones have mean 0 and deviation 0.5; 180 of them and more.
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.15);
  });

  it("gives the similarity after each layer; the first layer alone and in a cascade is the same", async () => {
    const [cascading, independent] = await Promise.all(
      (["cascading", "independent"] as const).map((order) =>
        parameterRandomization(network, runtime, gradients, input, 1, { order, seed: 1 }),
      ),
    );
    const values = ({ rows }: CheckResult) => rows.map(({ value }) => value);
    expect(cascading!.rows).toHaveLength(layers.length * 4);
    expect(values(cascading!).slice(0, 4)).toEqual(values(independent!).slice(0, 4));
    expect(values(cascading!)).not.toEqual(values(independent!));
    for (const { value } of cascading!.rows) expect(Math.abs(value)).toBeLessThan(1);
    expect(cascading!.rows.at(-1)).toMatchObject({
      check: "cascading-randomization",
      quantity: "spearman-absolute",
      parameter: layers.at(-1)!.name,
    });
  });

  it("leaves out a layer whose weights are all alike, such as a BatchNormalization that was never trained", async () => {
    const untrained = layers[1]!;
    const alike = await Promise.all(
      untrained.weights.map(async (name) => {
        const { dims } = decoded.graph.initializers.get(name)!;
        return [name, tensor("float32", dims, new Float32Array(elementCount(dims)).fill(1))] as const;
      }),
    );
    const changed = withWeights(network, new Map(alike));
    const { rows } = await parameterRandomization(changed, runtime, gradients, input, 1);
    const trained = layers.filter((layer) => layer !== untrained);
    expect(rows.filter((_, k) => k % 4 === 0).map(({ parameter }) => parameter)).toEqual(
      trained.map(({ name }) => name),
    );
  });
});
