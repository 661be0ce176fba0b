import { tensor } from "@voxplain/core";
import {
  absolute,
  expectedGradients,
  gradients,
  inputTimesGradient,
  integratedGradients,
  methods,
  multiply,
  parseMethodOption,
  refinementWarning,
  smoothGrad,
  squared,
  varGrad,
} from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { relativeError } from "./method-fixtures.ts";
import { bentModel, cubicModel, linearModel, someInputs } from "./toy-models.ts";

const dims = [2, 4, 3];
const input = someInputs(2, dims);
const weights = Array.from({ length: 24 }, (_, k) => (k % 5) - 2);

describe("integratedGradients", () => {
  it("adds up to the difference of the logits", async () => {
    const { map, logits, delta } = await integratedGradients({ steps: 2, rule: "gauss-legendre" })(
      cubicModel(dims),
      input,
      1,
    );
    const sum = map.data.slice(0, 24).reduce((total, value) => total + value, 0);
    // The gradient is quadratic along the path: two points of Gauss are exact, and the logit at 0 is 0.
    expect(sum).toBeCloseTo(logits.data[1]!, 5);
    for (const missed of delta!) expect(Math.abs(missed)).toBeLessThan(1e-5);
  });

  it("reports the error with too few steps", async () => {
    const { delta } = await integratedGradients({ steps: 1, rule: "riemann-left" })(
      cubicModel(dims),
      input,
      1,
    );
    // At the baseline 0 the gradient is 0, so the map is, too: all is missed.
    const { logits } = await gradients(cubicModel(dims), input, 1);
    expect(delta![1]).toBeCloseTo(-logits.data[3]!, 5);
  });

  it("gives the rules by Captum's names, and by those of earlier versions", async () => {
    const map = async (rule: "gausslegendre" | "gauss-legendre" | "riemann_left" | "riemann-left") =>
      (await integratedGradients({ steps: 3, rule })(cubicModel(dims), input, 1)).map;
    expect(await map("gauss-legendre")).toEqual(await map("gausslegendre"));
    expect(await map("riemann-left")).toEqual(await map("riemann_left"));
    expect(await map("riemann_left")).not.toEqual(await map("gausslegendre"));
    const created = methods["integrated-gradients"].create({ steps: 3, rule: "riemann-left" });
    expect((await created.compute(cubicModel(dims), input, 1)).map).toEqual(await map("riemann_left"));
    const option = methods["integrated-gradients"].options.rule;
    expect(parseMethodOption("rule", option, "gauss-legendre")).toBe("gausslegendre");
  });

  it("refuses a rule that does not exist, and names those that do", () => {
    const rules = "riemann_middle, riemann_trapezoid, riemann_left, riemann_right, gausslegendre";
    const rule = "secant" as "riemann_middle";
    expect(() => integratedGradients({ rule })).toThrow(
      `no integration rule "secant": expected one of ${rules}`,
    );
    const { create, options } = methods["integrated-gradients"];
    expect(() => create({ rule })).toThrow(`expected one of ${rules}, found "secant"`);
    expect(() => parseMethodOption("rule", options.rule, "secant")).toThrow(`expected one of ${rules}`);
  });

  it.each([0, 2.5, Number.NaN])("refuses %d steps", (steps) => {
    expect(() => integratedGradients({ steps })).toThrow("steps must be a whole number of at least 1");
  });

  it("refuses a baseline of another shape", async () => {
    const baseline = tensor("float32", [1, 4, 6], new Float32Array(24));
    await expect(integratedGradients({ baseline })(cubicModel(dims), input, 1)).rejects.toThrow(
      "the baseline has another shape than the input: expected [2, 4, 3], found [1, 4, 6]",
    );
  });

  it.each([
    [{ blur: 0 }, "must be a number above 0"],
    [{ blur: 1e6 }, "at most 1000 voxels"],
    [Number.NaN, "must be a finite number"],
  ])("refuses the baseline %j", (baseline, message) => {
    expect(() => integratedGradients({ baseline })).toThrow(message);
  });
});

describe("integratedGradients with a tolerance", () => {
  // Each of 600 gradients jumps from 0 to 1 at another place on the path, or stays 0.
  const many = [2, 20, 15];
  const bends = Array.from({ length: 600 }, (_, k) => 0.1 + 0.7 * Math.abs(Math.sin(78.233 * k)));
  const positive = tensor("float32", [2, ...many], someInputs(2, many).data.map(Math.abs));
  const exact = positive.data.map((x, k) => Math.max(0, x - bends[k % 600]!));
  const errorOf = (map: Float32Array, n: number) =>
    relativeError(map.subarray(n * 600, (n + 1) * 600), exact.subarray(n * 600, (n + 1) * 600));

  it.each(["riemann_middle", "riemann_trapezoid", "riemann_left", "riemann_right", "gausslegendre"] as const)(
    "refines %s until delta and the change of the map are below it, and counts the passes of each input",
    async (rule) => {
      for (const tolerance of [0.05, 0.01]) {
        const model = bentModel(many, bends);
        const { map, delta, refinement } = await integratedGradients({ rule, steps: 8, tolerance })(
          model,
          positive,
          1,
        );
        for (const n of [0, 1]) {
          const rise = exact.subarray(n * 600, (n + 1) * 600).reduce((sum, value) => sum + value, 0);
          expect(refinement![n]!.converged).toBe(true);
          expect(Math.abs(delta![n]!)).toBeLessThanOrEqual(tolerance * rise);
          expect(errorOf(map.data, n)).toBeLessThan(tolerance);
        }
        const passes = model.batchSizes.reduce((sum, size) => sum + size, 0);
        expect(refinement![0]!.passes + refinement![1]!.passes).toBe(passes);
      }
    },
  );

  it("takes more passes for less tolerance, and no more than allowed", async () => {
    const refinedTo = async (tolerance: number, maxPasses: number) => {
      const method = integratedGradients({ steps: 8, tolerance, maxPasses });
      return (await method(bentModel(many, bends), positive, 1)).refinement![0]!;
    };
    const loose = await refinedTo(0.1, 1000);
    const tight = await refinedTo(0.01, 1000);
    expect(tight.passes).toBeGreaterThan(2 * loose.passes);
    const stopped = await refinedTo(0.01, 50);
    expect(stopped.converged).toBe(false);
    expect(stopped.passes).toBeLessThanOrEqual(50);
    expect(stopped.passes).toBeGreaterThan(47);
  });

  it("does not depend on how many inputs go through the network at once", async () => {
    const of = (chunkSize: number) =>
      integratedGradients({ steps: 8, tolerance: 0.02, chunkSize })(bentModel(many, bends), positive, 1);
    expect(await of(1)).toEqual(await of(7));
  });

  it("is kept through methods of methods, whose warning counts the maps that missed it", async () => {
    const inner = integratedGradients({ steps: 8, tolerance: 0.01, maxPasses: 50 });
    const model = bentModel(many, bends);
    const [alone, other] = (await inner(model, positive, 1)).refinement!;
    expect((await absolute(inner)(model, positive, 1)).refinement).toEqual([alone, other]);
    const twice = { passes: 2 * alone!.passes, converged: false };
    expect((await multiply(inner, inner)(model, positive, 1)).refinement![0]).toEqual(twice);
    const noisy = await smoothGrad(inner, { samples: 2, stdev: 0 })(model, positive, 1);
    expect(noisy.refinement![0]).toEqual(twice);
    expect(noisy.refinement).toHaveLength(2);
    expect(refinementWarning([alone, { passes: 20, converged: true }, undefined])).toBe(
      `1 of 2 maps did not reach the tolerance within ${alone!.passes} passes: allow more max_passes, or a larger tolerance`,
    );
    expect(refinementWarning([undefined, { passes: 20, converged: true }])).toBeUndefined();
  });

  it("refuses what cannot be: no tolerance above 0, fewer passes than one refinement takes", () => {
    for (const tolerance of [0, -0.1, Number.NaN]) {
      expect(() => integratedGradients({ tolerance })).toThrow("tolerance must be a number above 0");
    }
    expect(() => integratedGradients({ tolerance: 0.1, steps: 32, maxPasses: 34 })).toThrow(
      "max_passes must be at least 35 with tolerance, rule riemann_middle and 32 steps: found 34",
    );
    expect(integratedGradients({ steps: 32, maxPasses: 1 })).toBeTypeOf("function");
  });
});

describe("expectedGradients", () => {
  it("equals the weighted difference from the mean of what was drawn, for a linear model", async () => {
    const reference = tensor("float32", dims, new Float32Array(24).fill(0.5));
    const { map, delta } = await expectedGradients({ references: [reference], samples: 3 })(
      linearModel(dims, weights),
      input,
      1,
    );
    for (let k = 0; k < 24; k++) expect(map.data[k]).toBeCloseTo(weights[k]! * (input.data[k]! - 0.5), 6);
    for (const missed of delta!) expect(Math.abs(missed)).toBeLessThan(1e-5);
  });

  it("refuses an empty cohort, and names a reference of another shape", async () => {
    expect(() => expectedGradients({ references: [] })).toThrow("the number of references must be");
    const reference = tensor("float32", [24], new Float32Array(24));
    await expect(expectedGradients({ references: [reference] })(cubicModel(dims), input, 1)).rejects.toThrow(
      "reference 0 has another shape than the network takes: expected [2, 4, 3], found [24]",
    );
  });
});

describe("noise", () => {
  it("of no width changes nothing, and maps do not vary", async () => {
    const model = cubicModel(dims);
    const plain = await gradients(model, input, 1);
    const smooth = await smoothGrad(gradients, { stdev: 0, samples: 3 })(model, input, 1);
    expect(smooth.map).toEqual(plain.map);
    expect(smooth.logits).toEqual(plain.logits);
    const varied = await varGrad(gradients, { stdev: 0, samples: 3 })(model, input, 1);
    expect(varied.map.data.every((value) => value === 0)).toBe(true);
  });

  it("is another one with another seed", async () => {
    const model = cubicModel(dims);
    const [first, second] = await Promise.all(
      [1, 2].map((seed) => smoothGrad(gradients, { samples: 2, seed })(model, input, 1)),
    );
    expect(first!.map.data).not.toEqual(second!.map.data);
  });

  it.each([
    [{ stdev: -0.1 }, "stdev must be a number of at least 0"],
    [{ samples: 0 }, "samples must be a whole number of at least 1"],
    [{ seed: 0.5 }, "seed must be a whole number of at least 0"],
  ])("refuses %j", (options, message) => {
    expect(() => smoothGrad(gradients, options)).toThrow(message);
  });
});

describe("methods of methods", () => {
  const model = linearModel(dims, weights);

  it("take absolute values and squares", async () => {
    expect([...(await absolute(gradients)(model, input, 1)).map.data.slice(0, 5)]).toEqual([2, 1, 0, 1, 2]);
    expect([...(await squared(gradients)(model, input, 1)).map.data.slice(0, 5)]).toEqual([4, 1, 0, 1, 4]);
  });

  it("lose the delta of a map that no longer adds up", async () => {
    expect(await absolute(integratedGradients({ steps: 1 }))(model, input, 1)).not.toHaveProperty("delta");
  });

  it("multiply a map of one channel with each channel of another", async () => {
    const mask = async () => ({
      map: tensor(
        "float32",
        [2, 1, 4, 3],
        Float32Array.from({ length: 24 }, (_, k) => k),
      ),
      logits: tensor("float32", [2, 2], new Float32Array(4)),
    });
    const { map } = await multiply(mask, gradients)(model, input, 1);
    expect(map.dims).toEqual([2, 2, 4, 3]);
    expect(map.data[13]).toBe(1 * weights[13]!);
    expect(map.data[24 + 14]).toBe(14 * weights[14]!);
    const both = await multiply(gradients, inputTimesGradient)(model, input, 1);
    expect(both.map.data[30]).toBeCloseTo(weights[6]! ** 2 * input.data[30]!, 6);
  });

  it("do not multiply maps of other grids", async () => {
    const other = async () => ({
      map: tensor("float32", [2, 1, 4, 2], new Float32Array(16)),
      logits: tensor("float32", [2, 2], new Float32Array(4)),
    });
    await expect(multiply(other, gradients)(model, input, 1)).rejects.toThrow("cannot be multiplied");
  });
});
