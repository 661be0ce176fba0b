import { type Tensor, tensor } from "@voxplain/core";
import {
  type AttributionMethod,
  type DifferentiableModel,
  explain,
  gradients,
  predictEach,
} from "@voxplain/saliency";
import { describe, expect, it } from "vitest";

/** logit₀ = Σ x, logit₁ = Σ x²: gradients 1 and 2x. Remembers the batch sizes it was given. */
function squares(inputDims: readonly number[]) {
  const batchSizes: number[] = [];
  const size = inputDims.reduce((product, length) => product * length, 1);
  const model: DifferentiableModel = {
    inputDims,
    classCount: 2,
    layers: [],
    forward: async (input) => (await model.gradient(input, 0)).logits,
    async gradient(input, target) {
      const count = input.dims[0]!;
      batchSizes.push(count);
      const logits = new Float32Array(count * 2);
      input.data.forEach((x, k) => {
        const row = Math.floor(k / size);
        logits[row * 2]! += x;
        logits[row * 2 + 1]! += x * x;
      });
      return {
        gradient: tensor(
          "float32",
          input.dims,
          input.data.map((x) => (target === 0 ? 1 : 2 * x)),
        ),
        logits: tensor("float32", [count, 2], logits),
        values: input,
      };
    },
    release: async () => {},
  };
  return { model, batchSizes };
}

const item = (name: string, dims: readonly number[], ...data: number[]) => ({
  name,
  input: tensor("float32", dims, Float32Array.from(data)),
});

async function collect<T>(sequence: AsyncIterable<T>): Promise<T[]> {
  const all = [];
  for await (const one of sequence) all.push(one);
  return all;
}

describe("explain", () => {
  const items = [item("a", [1, 2], 1, 2), item("b", [1, 2], 3, 4), item("c", [1, 2], 0, -1)];

  it.each([1, 2, 3, 7])(
    "gives each input its own map and prediction with batches of %d",
    async (batchSize) => {
      const { model, batchSizes } = squares([1, 2]);
      const results = await collect(explain(model, items, { method: gradients, target: 1, batchSize }));
      expect(results.map((result) => result.item.name)).toEqual(["a", "b", "c"]);
      expect(results.map((result) => [...result.map.data])).toEqual([
        [2, 4],
        [6, 8],
        [0, -2],
      ]);
      expect(results.map((result) => result.map.dims)).toEqual([
        [1, 2],
        [1, 2],
        [1, 2],
      ]);
      expect(results.map((result) => result.prediction.logits)).toEqual([
        [3, 5],
        [7, 25],
        [-1, 1],
      ]);
      expect(Math.max(...batchSizes)).toBe(Math.min(batchSize, 3));
      expect(batchSizes.reduce((sum, size) => sum + size, 0)).toBe(3);
    },
  );

  it("sends a large volume through the network alone", async () => {
    const dims = [1, 128, 128, 65];
    const { model, batchSizes } = squares(dims);
    const large = () => ({ name: "large", input: tensor("float32", dims, new Float32Array(128 * 128 * 65)) });
    await collect(explain(model, [large(), large()], { method: gradients, target: 0, batchSize: 2 }));
    expect(batchSizes).toEqual([1, 1]);
  });

  it("is never more than one batch ahead of the caller", async () => {
    const { model } = squares([1, 1]);
    let asked = 0;
    function* endless() {
      for (;;) yield item(`${asked++}`, [1, 1], 1);
    }
    const results = explain(model, endless(), { method: gradients, target: 0, batchSize: 2 });
    await results.next();
    expect(asked).toBe(4);
    await results.next();
    await results.next();
    expect(asked).toBe(6);
    await results.return(undefined);
  });

  it("asks for as many batches at once as the model computes, and keeps their order", async () => {
    const { model } = squares([1, 1]);
    const pending: (() => void)[] = [];
    const slow: AttributionMethod = async (of, input, target) => {
      await new Promise<void>((resolve) => pending.push(resolve));
      return gradients(of, input, target);
    };
    const names = Array.from({ length: 20 }, (_, k) => `${k}`);
    const inputs = names.map((name) => item(name, [1, 1], Number(name)));
    const concurrent = { ...model, concurrentRuns: 2 };
    const results = collect(explain(concurrent, inputs, { method: slow, target: 0, batchSize: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 10));
    // Two are computed, eight for each of them wait; the others are not read yet.
    expect(pending).toHaveLength(18);
    for (let done = 0; done < inputs.length; ) {
      const ready = pending.splice(0).reverse();
      for (const end of ready) end();
      done += ready.length;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect((await results).map(({ item }) => item.name)).toEqual(names);
  });

  it("names the input that has another shape", async () => {
    const { model } = squares([1, 2]);
    const run = collect(
      explain(model, [items[0]!, item("sub-02 ses-M00", [1, 3], 1, 2, 3)], {
        method: gradients,
        target: 0,
        batchSize: 1,
      }),
    );
    await expect(run).rejects.toThrow(
      "sub-02 ses-M00: the image has another shape than the network takes: expected [1, 2], found [1, 3]",
    );
  });
});

it("maps of a batch are views of the right part", async () => {
  const { model } = squares([1, 2]);
  const [, second] = await collect(
    explain(model, [item("a", [1, 2], 1, 2), item("b", [1, 2], 3, 4)], {
      method: gradients,
      target: 1,
      batchSize: 2,
    }),
  );
  const map: Tensor<"float32"> = second!.map;
  expect(Array.from(map.data)).toEqual([6, 8]);
});

it("explain takes a target for each input; those of a batch share theirs", async () => {
  const { model, batchSizes } = squares([1, 2]);
  const items = [item("a", [1, 2], 1, 2), item("b", [1, 2], 3, 4), item("c", [1, 2], 0, -1)];
  const target = ({ name }: { readonly name: string }) => (name === "c" ? 0 : 1);
  const results = await collect(explain(model, items, { method: gradients, target, batchSize: 3 }));
  expect(results.map(({ map }) => [...map.data])).toEqual([
    [2, 4],
    [6, 8],
    [1, 1],
  ]);
  expect(batchSizes).toEqual([2, 1]);
});

it("predictEach runs the network forwards only, and says where all logits are equal", async () => {
  const { model } = squares([1, 2]);
  const forwardOnly: DifferentiableModel = {
    ...model,
    gradient: async () => {
      throw new Error("no gradient is needed");
    },
    forward: (input) => model.gradient(input, 0).then(({ logits }) => logits),
  };
  const items = [item("a", [1, 2], 1, 2), item("b", [1, 2], 1, 0)];
  const results = await collect(predictEach(forwardOnly, items, { batchSize: 2 }));
  expect(results.map(({ item: { name }, prediction }) => [name, prediction.logits])).toEqual([
    ["a", [3, 5]],
    ["b", [1, 1]],
  ]);
  expect(results.map(({ warnings }) => warnings)).toEqual([[], [{ kind: "equal-logits" }]]);
});
