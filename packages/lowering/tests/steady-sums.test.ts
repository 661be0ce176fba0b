import { type Tensor, tensor } from "@voxplain/core";
import { differentiate } from "@voxplain/onnx-autodiff";
import { graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { distance } from "../../../tests/block-networks.ts";
import { normals, uniform } from "../../../tests/random.ts";
import { lower } from "../src/lower.ts";
import { steadySums } from "../src/steady-sums.ts";
import { runModel } from "./run-model.ts";

const lowering = { poolingGradient: "indices", convolution3d: "blocked" } as const;
const channels = 2;

/** Scale and shift of each channel. */
const affineOf = (affine: boolean): [scale: number[], shift: number[]] =>
  affine
    ? [
        [1.5, -0.5],
        [0.25, 2],
      ]
    : [
        [1, 1],
        [0, 0],
      ];

interface Normalization {
  readonly lengths: readonly number[];
  readonly affine?: boolean;
  /** From 18 on the axes of reductions are an input; 21 scales channels instead of groups. */
  readonly opset?: number;
  /** As PyTorch's InstanceNorm3d, its GroupNorm as PyTorch exports it, or the operator of that name; a channel a group. */
  readonly form?: "instances" | "rows" | "groups";
}

function normalization({ lengths, affine = true, opset = 17, form = "instances" }: Normalization): Model {
  const graph = graphBuilder("norm");
  const dims = ["batch", channels, ...lengths];
  const x = graph.input("x", "float32", dims);
  const weights = affineOf(affine).map((values) =>
    graph.constant(tensor("float32", [channels], Float32Array.from(values))),
  );
  const y = { outputs: ["y"] };
  if (form === "groups") {
    graph.add("GroupNormalization", [x, ...weights], { epsilon: 1e-5, num_groups: channels }, y);
  } else if (form === "rows") {
    const rows = graph.add("Reshape", [x, graph.int64([0, channels, -1])]);
    const normalized = graph.add("InstanceNormalization", [rows, ...weights], { epsilon: 1e-5 });
    graph.add("Reshape", [normalized, graph.int64([0, channels, ...lengths])], {}, y);
  } else graph.add("InstanceNormalization", [x, ...weights], { epsilon: 1e-5 }, y);
  graph.output("y", "float32", dims);
  return modelOf(graph.build(), { opsets: { "": opset } });
}

/** A mean far from zero, and half of the voxels air. */
function image(lengths: readonly number[]) {
  const dims = [1, channels, ...lengths];
  const size = lengths.reduce((product, length) => product * length, 1);
  const random = uniform(11);
  const data = Float32Array.from({ length: channels * size }, (_, k) =>
    k % size < size / 2 ? 0.125 : 0.5 + 0.25 * random(),
  );
  return tensor("float32", dims, data);
}

/** y, and the cotangent of x where dy is that of y; in float64. */
function inFloat64(
  x: Tensor<"float32">,
  dy: Float32Array,
  scale: readonly number[],
  shift: readonly number[],
) {
  const y = new Float32Array(x.data.length);
  const dx = new Float32Array(x.data.length);
  const size = x.data.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    const [first, end] = [channel * size, (channel + 1) * size];
    const mean = (value: (k: number) => number) => {
      let sum = 0;
      for (let k = first; k < end; k++) sum += value(k);
      return sum / size;
    };
    const centre = mean((k) => x.data[k]!);
    const deviation = Math.sqrt(mean((k) => (x.data[k]! - centre) ** 2) + 1e-5);
    const normalized = (k: number) => (x.data[k]! - centre) / deviation;
    const [across, along] = [mean((k) => dy[k]!), mean((k) => dy[k]! * normalized(k))];
    for (let k = first; k < end; k++) {
      y[k] = scale[channel]! * normalized(k) + shift[channel]!;
      dx[k] = (scale[channel]! / deviation) * (dy[k]! - across - normalized(k) * along);
    }
  }
  return { y: tensor("float32", x.dims, y), dx: tensor("float32", x.dims, dx) };
}

describe("sums over a volume", () => {
  const lengths = [64, 64, 64];

  it.each([
    { affine: true },
    { affine: false },
    { affine: true, opset: 18 },
    { affine: true, form: "rows" as const },
    { affine: true, form: "groups" as const, opset: 18 },
    { affine: true, form: "groups" as const, opset: 21 },
  ])("normalize it as exactly as float32 can, and so does the gradient: %o", async (options) => {
    const model = normalization({ lengths, ...options });
    const {
      model: graph,
      cotangent,
      gradients,
    } = differentiate(model, {
      output: "y",
      withRespectTo: ["x"],
    });
    const x = image(lengths);
    const values = Float32Array.from(normals(uniform(3), x.data.length));
    const feeds = { x, [cotangent]: tensor("float32", x.dims, values) };
    const computed = await runModel(lower(graph, lowering), feeds);
    const expected = inFloat64(x, values, ...affineOf(options.affine));
    expect(distance(computed.y, expected.y)).toBeLessThan(1e-6);
    expect(distance(computed[gradients.x!], expected.dx)).toBeLessThan(1e-6);
  });

  it.each(["ReduceSum", "ReduceMean"] as const)(
    "are sums of sums: %s with and without its axes",
    async (opType) => {
      const graph = graphBuilder("sums");
      const x = graph.input("x", "float32", [2, 3, 16, 20, 12]);
      for (const [keepdims, axes] of [
        [1, [2, 3, 4]],
        [0, [-1, 0, 2, 1]],
      ] as const) {
        const name = `sum${keepdims}`;
        graph.add(opType, [x, graph.int64(axes)], { keepdims }, { outputs: [name] });
        graph.output(name, "float32", undefined);
      }
      const model = modelOf(graph.build(), { opsets: { "": 18 } });
      const lowered = steadySums(model);
      expect(lowered.graph.nodes).toHaveLength(3 + 4);
      const values = Float32Array.from(normals(uniform(5), 23040), (value) => value + 1);
      const feeds = { x: tensor("float32", [2, 3, 16, 20, 12], values) };
      const [before, after] = [await runModel(model, feeds), await runModel(lowered, feeds)];
      for (const name of ["sum0", "sum1"]) expect(distance(after[name], before[name])).toBeLessThan(1e-5);
    },
  );

  it("stay one sum where they are short, or their axes are not known", () => {
    const graph = graphBuilder("short");
    const x = graph.input("x", "float32", [2, 3, 4, 5, 6]);
    const axes = graph.input("axes", "int64", [2]);
    graph.output(graph.add("ReduceSum", [x, axes], { keepdims: 1 }), "float32", undefined);
    graph.output(graph.add("ReduceMean", [x], { axes: [2, 3, 4], keepdims: 1 }), "float32", undefined);
    const model = modelOf(graph.build());
    expect(steadySums(model)).toBe(model);
    const small = normalization({ lengths: [4, 5, 6] });
    expect(steadySums(small)).toBe(small);
  });
});
