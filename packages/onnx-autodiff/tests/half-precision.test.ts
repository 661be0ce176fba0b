import { eager, elementCount, type Tensor, tensor } from "@voxplain/core";
import {
  type Graph,
  type GraphBuilder,
  graphBuilder,
  inferShapes,
  type Model,
  modelOf,
  simplify,
  toFloat32,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { normals, uniform } from "../../../tests/random.ts";
import { differentiate } from "../src/index.ts";

/** Numbers that half precision holds exactly: sixty-fourths. */
function drawn(dims: readonly number[], seed: number): number[] {
  return normals(uniform(seed), elementCount(dims)).map((value) => Math.round(value * 64) / 64);
}

/** The bits of a normal number that float16 holds. */
function float16Bits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

const half = (dims: readonly number[], values: readonly number[]) =>
  tensor("float16", dims, Uint16Array.from(values, float16Bits));
const single = (dims: readonly number[], values: readonly number[]) =>
  tensor("float32", dims, Float32Array.from(values));

/** As converters make it: all in float16, but for a softmax in float32 between two casts. */
function network(lazy = false): Model {
  const graph = graphBuilder("half");
  const weight = (name: string, dims: readonly number[], seed: number) => {
    const value = half(dims, drawn(dims, seed));
    return graph.initializer(name, lazy ? eager(value) : value);
  };
  graph.input("x", "float16", ["batch", 2, 5, 6]);
  const conv = graph.add("Conv", ["x", weight("w", [3, 2, 3, 2], 1), weight("b", [3], 2)]);
  const shift = graph.add("Constant", [], { value: { tensor: half([], [0.25]) } });
  const ones = graph.add("ConstantOfShape", [graph.int64([1, 3, 1, 1])], {
    value: { tensor: half([1], [1.5]) },
  });
  const active = graph.add("LeakyRelu", [graph.add("Mul", [graph.add("Add", [conv, shift]), ones])], {
    alpha: 0.125,
  });
  const pooled = graph.add("Flatten", [graph.add("GlobalAveragePool", [active])]);
  const logits = graph.add("Gemm", [pooled, weight("v", [3, 4], 3)], {}, { outputs: ["logits"] });
  const soft = graph.add("Softmax", [graph.add("Cast", [logits], { to: 1 })]);
  graph.output(graph.add("Cast", [soft], { to: 10 }, { outputs: ["y"] }), "float16", ["batch", 4]);
  return modelOf(graph.build());
}

function float32Of({ dtype, data }: Tensor): number[] {
  if (dtype !== "float16") return Array.from(data, Number);
  return Array.from(data, (each) => {
    const bits = Number(each);
    const exponent = (bits >> 10) & 31;
    const fraction = (bits & 1023) / 1024;
    const size = exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
    return bits & 0x8000 ? -size : size;
  });
}

describe("a model in half precision, in float32", () => {
  const dims = [2, 2, 5, 6];
  const values = drawn(dims, 9);

  it.each([false, true])("computes the same but for its rounding (lazy weights: %s)", async (lazy) => {
    const model = toFloat32(network(lazy));
    const found = await runOnnx(model, { x: single(dims, values) });
    const rounded = await runOnnx(network(), { x: half(dims, values) });
    expect(found.y!.dtype).toBe("float32");
    const expected = float32Of(rounded.y!);
    const largest = Math.max(...expected.map((value, k) => Math.abs(value - Number(found.y!.data[k]))));
    // 2e-3: float16 has 11 bits (5e-4), rounded some times on the way to probabilities.
    expect(largest).toBeLessThan(2e-3);
    expect(largest).toBeGreaterThan(0);
  });

  it("has no half precision and no casts left, and a gradient", async () => {
    const model = toFloat32(network());
    expect([...inferShapes(model).values()].map(({ dtype }) => dtype)).not.toContain("float16");
    const small: Graph = simplify(model.graph);
    // The last one names an output.
    expect(
      small.nodes.map(({ opType }) => opType).filter((op) => op === "Cast" || op === "Identity"),
    ).toEqual(["Identity"]);
    const { model: differentiated, cotangent, gradients } = differentiate(model, { output: "logits" });
    const dy = single([2, 4], [1, 0, 0, 0, 1, 0, 0, 0]);
    const found = await runOnnx(differentiated, { x: single(dims, values), [cotangent]: dy });
    expect(found[gradients.x!]!.dtype).toBe("float32");
  });

  it("is the same object where there is none", () => {
    const graph = graphBuilder("single");
    graph.input("x", "float32", [2]);
    graph.output(graph.add("Relu", ["x"], {}, { outputs: ["y"] }), "float32", [2]);
    const model = modelOf(graph.build());
    expect(toFloat32(model)).toBe(model);
  });

  it("reaches into the branches of an If, and takes bfloat16 weights", () => {
    const branch = (build: (g: GraphBuilder) => string) => {
      const inner = graphBuilder("branch");
      inner.output(build(inner), "bfloat16", [1]);
      return { graph: inner.build() };
    };
    const graph = graphBuilder("choice");
    graph.input("condition", "bool", []);
    const chosen = graph.add("If", ["condition"], {
      then_branch: branch((g) => g.initializer("w", tensor("bfloat16", [1], Uint16Array.of(0xc2f7)))),
      else_branch: branch((g) => g.add("Cast", [g.initializer("v", single([1], [1]))], { to: 16 })),
    });
    graph.output(chosen, "bfloat16", [1]);
    const { nodes, outputs } = toFloat32(modelOf(graph.build())).graph;
    expect(outputs[0]!.dtype).toBe("float32");
    const [taken, other] = ["then_branch", "else_branch"].map((key) => {
      const found = nodes[0]!.attributes[key]!;
      return "graph" in found ? found.graph : undefined;
    });
    // −123.5, as the upper half of a float32.
    expect(taken!.initializers.get("w")).toEqual(single([1], [-123.5]));
    expect(other!.nodes[0]!.attributes.to).toEqual({ int: 1 });
    expect(other!.outputs[0]!.dtype).toBe("float32");
  });
});

it("a float16 model of an old operator set is differentiated in float16, bounds of Clip included", async () => {
  const graph = graphBuilder("clipped");
  graph.input("x", "float16", [4]);
  graph.output(
    graph.add("Clip", ["x"], { min: { float: 0 }, max: { float: 6 } }, { outputs: ["y"] }),
    "float16",
    [4],
  );
  const { model, cotangent, gradients } = differentiate(modelOf(graph.build(), { opsets: { "": 9 } }));
  const dy = half([4], [1, 2, 3, 4]);
  const found = await runOnnx(model, { x: half([4], [-1, 0.5, 5, 7]), [cotangent]: dy });
  expect(found[gradients.x!]!.dtype).toBe("float16");
  expect(float32Of(found[gradients.x!]!)).toEqual([0, 2, 3, 0]);
});
