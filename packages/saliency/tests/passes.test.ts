import { type Tensor, tensor } from "@voxplain/core";
import { type ChosenMethod, type MethodOptionValue, methods } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { everyMethod, fewPasses } from "./every-method.ts";
import { cubicModel, someInputs } from "./toy-models.ts";

const dims = [2, 5, 3];
const references = {
  length: 3,
  read: async (k: number) => tensor("float32", dims, someInputs(4, dims).data.slice(k, k + 30)),
};

/** How many inputs go through the network for the map of one. */
async function counted({ compute }: ChosenMethod): Promise<number> {
  const model = cubicModel(dims);
  await compute(model, one(), 1);
  return model.batchSizes.reduce((sum, size) => sum + size, 0);
}

function one(): Tensor<"float32"> {
  return someInputs(1, dims);
}

describe("the number of passes", () => {
  it.each(Object.entries(everyMethod))("of %s is what it takes, for any chunks", async (_, entry) => {
    for (const chunkSize of "chunkSize" in entry.options ? [1, 4, undefined] : [undefined]) {
      const options = { ...fewPasses(entry, references), ...(chunkSize && { chunkSize }) };
      const chosen = entry.create(options);
      const { least, most } = chosen.passes(dims);
      const found = await counted(chosen);
      expect(found).toBeGreaterThanOrEqual(least);
      expect(found).toBeLessThanOrEqual(most);
    }
  });

  it("is one number, but for methods that decide on the way", () => {
    const open = Object.values(everyMethod).filter((entry) => {
      const { least, most } = entry.create(fewPasses(entry, references)).passes(dims);
      return least !== most;
    });
    // It may take a second pass to see what layers did not keep.
    expect(open.map(({ name }) => name)).toEqual(["lrp"]);
    expect(methods.lrp.create().passes(dims)).toEqual({ least: 1, most: 2 });
  });

  it.each([
    ["riemann_middle", 6, 8],
    ["riemann_trapezoid", 6, 6],
    ["riemann_left", 6, 7],
    ["gausslegendre", 6, 8],
  ] as const)("of integrated gradients by %s counts the ends once", async (rule, steps, passes) => {
    const chosen = methods["integrated-gradients"].create({ rule, steps });
    expect(chosen.passes(dims)).toEqual({ least: passes, most: passes });
    expect(await counted(chosen)).toBe(passes);
  });

  it("of integrated gradients with a tolerance has bounds that are reached", async () => {
    const options = { steps: 3, maxPasses: 50 };
    const easy = methods["integrated-gradients"].create({ ...options, tolerance: 10 });
    const hard = methods["integrated-gradients"].create({ ...options, tolerance: 1e-12 });
    const { least, most } = easy.passes(dims);
    expect(hard.passes(dims)).toEqual({ least, most });
    expect(await counted(easy)).toBe(least);
    expect(most).toBe(50);
    const found = await counted(hard);
    expect(found).toBeLessThanOrEqual(most);
    // A panel takes three further points.
    expect(found).toBeGreaterThan(most - 3);
  });

  it.each<[string, Readonly<Record<string, MethodOptionValue>>, number]>([
    ["occlusion", { window: [5, 3], stride: [1] }, 2],
    ["occlusion", { window: [4], stride: [4], unit: "mm", voxelSize: [2, 1] }, 4],
    [
      "region-occlusion",
      { labels: tensor("int32", [5, 3], Int32Array.from([7, 7, 0, 2, ...Array(11).fill(0)])) },
      3,
    ],
    ["kernel-shap", { cell: [5, 1], samples: 512 }, 2 ** 3],
    ["expected-gradients", { references, samples: 50 }, 54],
  ])("of %s depends on its windows, regions or references", async (name, options, passes) => {
    const chosen = everyMethod[name]!.create(options);
    expect(chosen.passes(dims)).toEqual({ least: passes, most: passes });
    expect(await counted(chosen)).toBe(passes);
  });

  it("of a method of methods is that of the inner one for each copy and for the input", async () => {
    const innerMethod = methods["integrated-gradients"].create({ steps: 4 });
    const chosen = methods.vargrad.create({ innerMethod, samples: 3 });
    expect(chosen.passes(dims)).toEqual({ least: 4 * 6, most: 4 * 6 });
    expect(await counted(chosen)).toBe(4 * 6);
  });

  it("is refused where the options do not fit the image", () => {
    expect(() => methods["kernel-shap"].create({ cell: [1], samples: 20 }).passes(dims)).toThrow(
      "too few samples for 15 regions: expected at least 30, found 20",
    );
  });
});
