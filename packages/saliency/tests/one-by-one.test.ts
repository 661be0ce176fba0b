import { tensor } from "@voxplain/core";
import { type GraphBuilder, graphBuilder, modelOf, type Network } from "@voxplain/onnx-graph";
import { differentiableModel, explain } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { everyMethod, fewPasses } from "./every-method.ts";
import { someInputs } from "./toy-models.ts";

const inputDims = [2, 4, 4];
const inputs = someInputs(5, inputDims);
const runtime = directRuntime();

function constant(graph: GraphBuilder, dims: readonly number[], scale: number): string {
  const size = dims.reduce((product, length) => product * length, 1);
  const data = Float32Array.from({ length: size }, (_, k) => scale * Math.cos(7.13 * (k + 1)));
  return graph.initializer(graph.fresh("w"), tensor("float32", dims, data));
}

/** [n, 2, 4, 4] → a layer that is not linear → [n, 3]. */
function networkWith(layer: (graph: GraphBuilder, x: string) => string): Network {
  const graph = graphBuilder("network");
  const x = graph.input("x", "float32", ["n", ...inputDims]);
  const moved = graph.add("Conv", [x, constant(graph, [2, 2, 3, 3], 0.5)], { pads: [1, 1, 1, 1] });
  const flat = graph.add("Flatten", [graph.add("Elu", [layer(graph, moved)])]);
  const logits = graph.add("MatMul", [flat, constant(graph, [32, 3], 1)], {}, { outputs: ["logits"] });
  graph.output(logits, "float32", ["n", 3]);
  return { model: modelOf(graph.build()), input: "x", logits: "logits", inputDims, classCount: 3 };
}

const training = (graph: GraphBuilder, x: string) =>
  graph.addMany(
    "BatchNormalization",
    [
      x,
      ...[1, 0.1, 2, 3].map((value) => graph.constant(tensor("float32", [2], Float32Array.of(value, value)))),
    ],
    3,
    { training_mode: 1 },
  )[0]!;

const networks: Readonly<Record<string, readonly [boolean, Network]>> = {
  "that treats every image by itself": [
    false,
    networkWith((graph, x) => graph.add("Softmax", [x], { axis: 1 })),
  ],
  "whose sizes count one image": [
    false,
    networkWith((graph, x) => {
      const enlarged = graph.add("Resize", [x, "", "", graph.int64([1, 2, 8, 8])], { mode: "linear" });
      return graph.add("AveragePool", [enlarged], { kernel_shape: [2, 2], strides: [2, 2] });
    }),
  ],
  "that would be a softmax over the batch": [
    true,
    networkWith((graph, x) => graph.add("Mul", [x, graph.add("Softmax", [x], { axis: 0 })])),
  ],
  "that subtracts the mean of the batch": [
    true,
    networkWith((graph, x) => graph.add("Sub", [x, graph.add("ReduceMean", [x], { axes: [0, 2, 3] })])),
  ],
  "that turns the batch around": [
    true,
    networkWith((graph, x) =>
      graph.add("Slice", [
        x,
        graph.int64([-1]),
        graph.int64([-(2 ** 31)]),
        graph.int64([0]),
        graph.int64([-1]),
      ]),
    ),
  ],
  "that normalizes over the batch": [
    true,
    networkWith((graph, x) =>
      // An image of zeros has no variance.
      graph.add("MeanVarianceNormalization", [graph.add("Add", [x, constant(graph, [2, 4, 4], 1)])]),
    ),
  ],
  "in training mode": [true, networkWith(training)],
};

const references = {
  length: 3,
  read: async (k: number) => tensor("float32", inputDims, inputs.data.slice(k * 32, (k + 1) * 32)),
};

/** Kernels for one row and for several sum in another order: 1e-7 of each sum. */
function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found.length).toBe(expected.length);
  const largest = Math.max(...Array.from(expected, Math.abs));
  expect(largest).toBeGreaterThan(0);
  for (let k = 0; k < found.length; k++)
    expect(Math.abs(found[k]! - expected[k]!)).toBeLessThan(1e-5 * largest);
}

describe.each(Object.entries(networks))("a network %s", (name, [oneByOne, network]) => {
  it(`computes images ${oneByOne ? "one by one" : "together"}`, async () => {
    const model = differentiableModel(network, runtime);
    expect(model.oneByOne).toBe(oneByOne);
    const together = (await model.forward(inputs)).data;
    for (let n = 0; n < 5; n++) {
      const alone = tensor("float32", [1, ...inputDims], inputs.data.slice(n * 32, (n + 1) * 32));
      expectClose(together.subarray(n * 3, (n + 1) * 3), (await model.forward(alone)).data);
    }
    await model.release();
  });

  const possible = Object.entries(everyMethod).filter(
    ([method, { needs }]) =>
      (name !== "in training mode" || needs === "forward") && !(oneByOne && method === "deep-lift"),
  );
  const usual = possible.filter(([method]) => !/cam|lrp|deconv|guided/.test(method));
  it.each(usual)("has the same maps by %s for every size of batches and chunks", async (_, entry) => {
    const model = differentiableModel(network, runtime);
    const mapsOf = async (batchSize: number, chunkSize: number) => {
      const chunks = "chunkSize" in entry.options ? { chunkSize } : {};
      const { compute } = entry.create({ ...fewPasses(entry, references), ...chunks });
      const items = Array.from({ length: 5 }, (_, n) => ({
        name: `${n}`,
        input: tensor("float32", inputDims, inputs.data.slice(n * 32, (n + 1) * 32)),
      }));
      const maps: number[] = [];
      const logits: number[] = [];
      for await (const { map, prediction } of explain(model, items, {
        method: compute,
        target: 1,
        batchSize,
      })) {
        maps.push(...map.data);
        logits.push(...prediction.logits);
      }
      return { maps, logits };
    };
    const alone = await mapsOf(1, 1);
    for (const [batchSize, chunkSize] of [
      [1, 32],
      [2, 3],
      [5, 32],
    ] as const) {
      const found = await mapsOf(batchSize, chunkSize);
      expectClose(found.maps, alone.maps);
      expectClose(found.logits, alone.logits);
    }
    await model.release();
  });
});

it("gradients through BatchNormalization in training mode are refused by name", async () => {
  const model = differentiableModel(networks["in training mode"]![1], runtime);
  await expect(model.gradient(inputs, 0)).rejects.toThrow(
    'the gradient of BatchNormalization "BatchNormalization" is not supported: it is in training mode',
  );
  await model.release();
});

it("a network that needs batches of another length than 1 is refused", () => {
  const graph = graphBuilder("three");
  const x = graph.input("x", "float32", [3, 2]);
  graph.output(graph.add("Softmax", [x], { axis: 0 }, { name: "ranks", outputs: ["y"] }), "float32", [3, 2]);
  const network = { model: modelOf(graph.build()), input: "x", logits: "y", inputDims: [2], classCount: 2 };
  expect(() => differentiableModel(network, runtime)).toThrow(
    'it takes batches of 3 only (Softmax "ranks": it may not treat every image by itself); export it with a dynamic batch axis, or with a batch of 1',
  );
});
