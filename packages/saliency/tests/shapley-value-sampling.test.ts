import { tensor } from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";
import { type DifferentiableModel, differentiableModel, shapleyValueSampling } from "@voxplain/saliency";
import { afterAll, describe, expect, it } from "vitest";
import { networkOf, readMethodFixtures } from "./method-fixtures.ts";
import { cubicModel, linearModel, someInputs } from "./toy-models.ts";

const dims = [1, 4, 6];
/** Five regions of four voxels, and four voxels of background. */
const labels = tensor(
  "uint8",
  [4, 6],
  Uint8Array.from({ length: 24 }, (_, k) => (k * 7 + 2) % 6),
);
const players = 5;
const input = someInputs(1, dims);

/** The values of the regions 1 to 5. */
function valuesOf(map: Float32Array): number[] {
  const values = [1, 2, 3, 4, 5].map((label) => new Set(map.filter((_, k) => labels.data[k] === label)));
  expect(values.map(({ size }) => size)).toEqual([1, 1, 1, 1, 1]);
  return values.flatMap((distinct) => [...distinct]);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** The logit 1 where only the regions of a coalition and the background are shown. */
async function worth(model: DifferentiableModel, coalition: readonly number[]): Promise<number> {
  const shown = input.data.map((value, k) => {
    const label = labels.data[k] ?? 0;
    return label === 0 || coalition.includes(label) ? value : 0;
  });
  return (await model.forward(tensor("float32", [1, ...dims], shown))).data[1] ?? Number.NaN;
}

/** The definition: the rises in each of the 120 orders. */
async function exactValues(model: DifferentiableModel): Promise<number[]> {
  const orders = ordersOf([1, 2, 3, 4, 5]);
  const sums = [0, 0, 0, 0, 0];
  for (const order of orders) {
    for (const [step, label] of order.entries()) {
      const rise =
        (await worth(model, order.slice(0, step + 1))) - (await worth(model, order.slice(0, step)));
      sums[label - 1] = (sums[label - 1] ?? 0) + rise;
    }
  }
  return sums.map((total) => total / orders.length);
}

function ordersOf(members: readonly number[]): number[][] {
  if (members.length === 0) return [[]];
  return members.flatMap((first) =>
    ordersOf(members.filter((member) => member !== first)).map((rest) => [first, ...rest]),
  );
}

describe("shapleyValueSampling", () => {
  it.each([1, 7, 120])("gives each region its share of a linear model in %d orders", async (permutations) => {
    const weights = Array.from({ length: 24 }, (_, k) => ((k * 7) % 11) - 5);
    const method = shapleyValueSampling({ regions: labels, permutations });
    const { map } = await method(linearModel(dims, weights), input, 1);
    expect(map.dims).toEqual([1, 1, 4, 6]);
    for (const [k, value] of map.data.entries()) {
      const own = weights.map((w, j) => (labels.data[j] === labels.data[k] ? w * (input.data[j] ?? 0) : 0));
      expect(value).toBeCloseTo(labels.data[k] === 0 ? 0 : sum(own), 5);
    }
  });

  it("gives the exact Shapley values of a nonlinear network when all orders count", async () => {
    const model = cubicModel(dims);
    const exact = await exactValues(model);
    const { map } = await shapleyValueSampling({ regions: labels, permutations: 120 })(model, input, 1);
    for (const [k, value] of valuesOf(map.data).entries()) expect(value).toBeCloseTo(exact[k] ?? 0, 6);
    // The first and the last voxel act together, so the order matters.
    const { map: drawn } = await shapleyValueSampling({ regions: labels, permutations: 1 })(model, input, 1);
    expect(
      Math.max(...valuesOf(drawn.data).map((value, k) => Math.abs(value - (exact[k] ?? 0)))),
    ).toBeGreaterThan(0.01);
  });

  it("takes a pass for each coalition when all orders count, else for each step of each order", async () => {
    const passesOf = async (permutations: number) => {
      const model = cubicModel(dims);
      await shapleyValueSampling({ regions: labels, permutations })(model, input, 1);
      return sum(model.batchSizes);
    };
    expect(await passesOf(120)).toBe(2 ** players);
    expect(await passesOf(119)).toBe(2 + 119 * (players - 1));
  });

  it("draws other orders for another seed, and the same for the same", async () => {
    const mapOf = async (seed: number) => {
      const method = shapleyValueSampling({ regions: labels, permutations: 2, seed });
      return (await method(cubicModel(dims), input, 1)).map.data;
    };
    const maps = await Promise.all([0, 1, 2, 3, 4, 5].map(mapOf));
    expect(await mapOf(3)).toEqual(maps[3]);
    expect(new Set(maps.map((map) => map.join())).size).toBeGreaterThan(1);
  });

  it("gives the whole difference to a single region", async () => {
    const { map, logits } = await shapleyValueSampling({ regions: 6 })(cubicModel(dims), input, 1);
    expect(new Set(map.data)).toEqual(new Set([logits.data[1]]));
  });

  it("refuses less than one order", () => {
    expect(() => shapleyValueSampling({ regions: 2, permutations: 0 })).toThrow(
      "permutations must be a whole number of at least 1: found 0",
    );
  });
});

const { suites, target } = readMethodFixtures();

describe.each(suites)("on $network", (suite) => {
  const runtime = nodeRuntime({ executionProvider: "cpu", threads: 1 });
  const model = differentiableModel(networkOf(suite), runtime);
  afterAll(() => model.release());

  // One order alone: a rise that were lost or counted twice would show in its sum, not only in a mean.
  it.each([0, 1, 2, 3, 4])("each order adds up to f(x) − f(baseline): seed %d", async (seed) => {
    const cells = Array.from(suite.dims.slice(1), () => 3);
    const one = someInputs(1, suite.dims);
    // One input at a time, as f(baseline) is computed here: kernels round differently for batches.
    const method = shapleyValueSampling({ regions: cells, permutations: 1, seed, chunkSize: 1 });
    const { map, logits } = await method(model, one, target);
    const hidden = await model.forward(tensor("float32", one.dims, new Float32Array(one.data.length)));
    const difference = (logits.data[target] ?? 0) - (hidden.data[target] ?? 0);
    const regions = new Set(map.data);
    const counts = suite.dims.slice(1).map((length) => Math.ceil(length / 3));
    expect(regions.size).toBe(counts.reduce((product, count) => product * count, 1));
    // The rises of float32 logits telescope in float64; each is then stored as a float32.
    const rounding = [...regions].reduce((most, value) => most + Math.abs(value) * 2 ** -24, 0);
    expect(Math.abs(sum([...regions]) - difference)).toBeLessThanOrEqual(rounding);
  });
});
