import { elementCount, type Tensor, tensor } from "@voxplain/core";
import {
  type AttributeValue,
  foldBatchNormalization,
  type GraphBuilder,
  graphBuilder,
  type Model,
  modelOf,
  type OperatorName,
  simplify,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { normals, uniform } from "../../../tests/random.ts";
import { differentiate } from "../src/index.ts";

function drawn(dims: readonly number[], seed: number): Tensor<"float32"> {
  return tensor("float32", dims, Float32Array.from(normals(uniform(seed), elementCount(dims))));
}

function normalized(g: GraphBuilder, x: string, channels: number): string {
  const parts = ["scale", "shift", "mean", "variance"].map((part, k) => {
    const values = drawn([channels], k + 3).data;
    return g.initializer(
      g.fresh(part),
      tensor("float32", [channels], part === "variance" ? values.map((v) => 0.2 + v * v) : values),
    );
  });
  return g.add("BatchNormalization", [x, ...parts], { epsilon: 1e-3 });
}

/** y = Relu(BatchNormalization(layer(x))) */
function network(
  op: OperatorName,
  dims: readonly number[],
  weights: readonly (readonly number[])[],
  channels: number,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Model {
  const graph = graphBuilder("network");
  graph.input("x", "float32", ["batch", ...dims.slice(1)]);
  const names = weights.map((shape, k) => graph.initializer(`w${k}`, drawn(shape, k + 1)));
  const y = normalized(graph, graph.add(op, ["x", ...names], attributes, { outputs: ["layer"] }), channels);
  graph.output(graph.add("LeakyRelu", [y], {}, { outputs: ["y"] }), "float32", undefined);
  return modelOf(graph.build());
}

/** Relative L2 distance. */
function distance(found: Tensor, expected: Tensor): number {
  const numbers = Array.from(expected.data, Number);
  const norm = (values: readonly number[]) => Math.hypot(...values);
  return norm(numbers.map((value, k) => value - Number(found.data[k]))) / norm(numbers);
}

const operators = ({ graph }: Model) => simplify(graph).nodes.map(({ opType }) => opType);

describe("a normalization goes into the layer before it", () => {
  it.each<[string, readonly number[], Model]>([
    [
      "Conv 2D with a bias",
      [2, 3, 5, 7],
      network("Conv", [2, 3, 5, 7], [[4, 3, 3, 2], [4]], 4, { strides: [2, 1] }),
    ],
    [
      "Conv 3D in groups, without a bias",
      [2, 4, 5, 3, 4],
      network("Conv", [2, 4, 5, 3, 4], [[6, 2, 2, 2, 2]], 6, { group: 2 }),
    ],
    [
      "ConvTranspose",
      [2, 3, 4, 5],
      network("ConvTranspose", [2, 3, 4, 5], [[3, 2, 3, 3], [2]], 2, { strides: [2, 2] }),
    ],
    ["Gemm", [2, 5], network("Gemm", [2, 5], [[5, 3], [3]], 3)],
    [
      "Gemm of transposed weights and one bias for all",
      [2, 5],
      network("Gemm", [2, 5], [[3, 5], [1]], 3, { transB: 1 }),
    ],
  ])("%s", async (_, dims, model) => {
    const folded = foldBatchNormalization(model);
    expect(operators(folded)).not.toContain("BatchNormalization");
    const x = drawn(dims, 17);
    const [expected, found] = [await runOnnx(model, { x }), await runOnnx(folded, { x })];
    // 1e-6: float32 (6e-8), rounded in another order in sums of up to 16 terms.
    expect(distance(found.y!, expected.y!)).toBeLessThan(1e-6);
    const dy = drawn(expected.y!.dims, 18);
    const [gradient, foldedGradient] = await Promise.all(
      [model, folded].map(async (each) => {
        const { model: differentiated, cotangent, gradients } = differentiate(each);
        return (await runOnnx(differentiated, { x, [cotangent]: dy }))[gradients.x!]!;
      }),
    );
    expect(distance(foldedGradient!, gradient!)).toBeLessThan(1e-6);
  });
});

describe("a normalization stays", () => {
  const staying = (build: (g: GraphBuilder) => void): Model => {
    const graph = graphBuilder("staying");
    graph.input("x", "float32", ["batch", 3, 5, 4]);
    graph.initializer("w", drawn([3, 3, 1, 1], 1));
    build(graph);
    graph.output("y", "float32", undefined);
    return modelOf(graph.build());
  };
  const to = { outputs: ["y"] };

  it.each<[string, Model]>([
    ["that no layer stands before", staying((g) => g.add("Relu", [normalized(g, "x", 3)], {}, to))],
    [
      "whose layer something else needs",
      staying((g) => {
        const layer = g.add("Conv", ["x", "w"]);
        g.add("Add", [normalized(g, layer, 3), layer], {}, to);
      }),
    ],
    [
      "whose layer is an output",
      staying((g) => {
        const layer = g.add("Conv", ["x", "w"], {}, to);
        g.output(normalized(g, layer, 3), "float32", undefined);
      }),
    ],
    [
      "behind a grouped ConvTranspose",
      staying((g) =>
        g.add("Relu", [normalized(g, g.add("ConvTranspose", ["x", "w"], { group: 3 }), 9)], {}, to),
      ),
    ],
    ["behind a Gemm with factors", network("Gemm", [2, 5], [[5, 3], [3]], 3, { alpha: 0.5 })],
  ])("%s", (_, model) => {
    expect(foldBatchNormalization(model)).toBe(model);
  });
});
