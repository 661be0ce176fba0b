import { tensor } from "@voxplain/core";
import { methods } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { everyMethod, fewPasses } from "./every-method.ts";
import { cubicModel, someInputs } from "./toy-models.ts";

const chunked = Object.entries(everyMethod).filter(([, { options }]) => "chunkSize" in options);
const dims = [2, 5, 3];
const references = {
  length: 3,
  read: async (k: number) => tensor("float32", dims, someInputs(4, dims).data.slice(k, k + 30)),
};

describe.each(chunked)("%s", (_, entry) => {
  const few = fewPasses(entry, references);
  const explainWith = async (chunkSize: number | undefined) => {
    const model = cubicModel(dims);
    const { compute } = entry.create({ ...few, chunkSize });
    const { map, logits, delta } = await compute(model, someInputs(2, dims), 1);
    return { results: { map, logits, delta }, most: Math.max(...model.batchSizes) };
  };

  it("gives the same bits in chunks of any size, and never computes more at once", async () => {
    const one = await explainWith(1);
    expect(one.most).toBe(1);
    for (const chunkSize of [2, 3, 7, 1000]) {
      const { results, most } = await explainWith(chunkSize);
      expect(results).toEqual(one.results);
      expect(most).toBeLessThanOrEqual(chunkSize);
    }
  });

  it("gives an input the same map alone as in a batch", async () => {
    const { compute } = entry.create(few);
    const inputs = someInputs(2, dims);
    const together = await compute(cubicModel(dims), inputs, 1);
    const second = tensor("float32", [1, ...dims], inputs.data.slice(30));
    const alone = await compute(cubicModel(dims), second, 1);
    expect(together.map.data.slice(together.map.data.length / 2)).toEqual(alone.map.data);
  });

  it("refuses a chunk of nothing", () => {
    expect(() => entry.create({ ...few, chunkSize: 0 })).toThrow(
      "chunkSize must be a whole number of at least 1",
    );
  });
});

it("a failing network is reported once, by the method", async () => {
  const model = cubicModel([1, 4, 3]);
  let calls = 0;
  const failing = {
    ...model,
    gradient: async () => {
      calls++;
      throw new Error(`out of memory ${calls}`);
    },
  };
  const { compute } = methods["integrated-gradients"].create({ chunkSize: 1 });
  await expect(compute(failing, someInputs(1, [1, 4, 3]), 1)).rejects.toThrow("out of memory 1");
  expect(calls).toBe(2);
});
