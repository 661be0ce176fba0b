import { tensor } from "@voxplain/core";
import { type AttributionMethod, methods } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { cubicModel, someInputs } from "./toy-models.ts";

const chunked = Object.entries(methods).filter(([, { options }]) => "chunkSize" in options);
const references = [0, 1, 2].map((k) =>
  tensor("float32", [2, 5, 3], someInputs(4, [2, 5, 3]).data.slice(k, k + 30)),
);
const smaller: Readonly<Record<string, object>> = {
  "expected-gradients": { references: { length: 3, read: async (index: number) => references[index]! } },
  occlusion: { window: [2], stride: [1] },
  "region-occlusion": { cell: [2] },
  "kernel-shap": { cell: [2], samples: 20 },
};

describe.each(chunked)("%s", (name, entry) => {
  const dims = [2, 5, 3];
  const explainWith = async (chunkSize: number | undefined) => {
    const model = cubicModel(dims);
    const method: AttributionMethod = entry.create({ ...smaller[name], chunkSize });
    const { map, logits, delta } = await method(model, someInputs(2, dims), 1);
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
    const method = entry.create({ ...smaller[name] });
    const inputs = someInputs(2, dims);
    const together = await method(cubicModel(dims), inputs, 1);
    const second = tensor("float32", [1, ...dims], inputs.data.slice(30));
    const alone = await method(cubicModel(dims), second, 1);
    expect(together.map.data.slice(together.map.data.length / 2)).toEqual(alone.map.data);
  });

  it("refuses a chunk of nothing", () => {
    expect(() => entry.create({ ...smaller[name], chunkSize: 0 })).toThrow(
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
  const method = methods["integrated-gradients"].create({ chunkSize: 1 });
  await expect(method(failing, someInputs(1, [1, 4, 3]), 1)).rejects.toThrow("out of memory 1");
  expect(calls).toBe(2);
});
