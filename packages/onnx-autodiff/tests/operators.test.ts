import { isVoxplainError, type Tensor, tensor } from "@voxplain/core";
import { type Dim, type GraphBuilder, graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { runOnnx } from "../../../tests/direct-runtime.ts";
import { differentiate } from "../src/index.ts";
import { array } from "./interpreter/array.ts";
import { evaluate } from "./interpreter/evaluate.ts";

const to = { outputs: ["y"], name: "y" };

function modelFrom(dims: readonly Dim[], build: (graph: GraphBuilder) => string, opset = 17): Model {
  const graph = graphBuilder("operators");
  graph.input("x", "float32", dims);
  graph.output(build(graph), "float32", undefined);
  return modelOf(graph.build(), { opsets: { "": opset } });
}

function floats(...values: number[]): Tensor {
  return tensor("float32", [values.length], Float32Array.from(values));
}

function gradientOf(model: Model, x: readonly number[], cotangent: readonly number[]): number[] {
  const differentiated = differentiate(model);
  const values = evaluate(differentiated.model, {
    x: array([x.length], x),
    [differentiated.cotangent]: array([cotangent.length], cotangent),
  });
  return Array.from(values.get("gradient:x")!.data);
}

describe("what has no gradient beside what has one", () => {
  it.each(["Floor", "Ceil", "Round", "Sign", "Hardmax", "RandomNormalLike"] as const)("%s", (opType) => {
    const model = modelFrom([3], (graph) => {
      const stepped = graph.add(opType, ["x"], {}, { outputs: ["stepped"] });
      return graph.add("Add", [graph.add("Mul", ["x", graph.scalar(3)]), stepped], {}, to);
    });
    const { nodes } = differentiate(model).model.graph;
    // The one path is through the product: nothing of the gradient asks for the stepped value.
    const added = nodes.slice(model.graph.nodes.length);
    expect(added.flatMap(({ inputs }) => inputs)).not.toContain("stepped");
    expect(added.length).toBeGreaterThan(0);
  });
});

describe("where a formula would divide by 0", () => {
  it("a division by the norm has the gradient 0 of a row of zeros, whose output is 0", () => {
    for (const p of [1, 2]) {
      const model = modelFrom([3], (graph) => graph.add("LpNormalization", ["x"], { p }, to));
      expect(gradientOf(model, [0, 0, 0], [1, 2, 3])).toEqual([0, 0, 0]);
    }
  });

  it("a standardization of equal numbers has the gradient of noise, not NaN", () => {
    const model = modelFrom([3], (graph) =>
      graph.add("LayerNormalization", ["x", graph.constant(floats(1, 1, 1))], {}, to),
    );
    // x̂ = 0 and √(0 + ε) = √1e-5: (dy − mean dy)/√1e-5.
    const found = gradientOf(model, [7, 7, 7], [1, 2, 3]);
    for (const [k, value] of found.entries()) expect(value).toBeCloseTo((k - 1) / Math.sqrt(1e-5), 4);
  });
});

describe("a node's name may be that of an operator which the gradient emits", () => {
  it("and ONNX Runtime still loads the model", async () => {
    const model = modelFrom(["n", "m"], (graph) => {
      const sum = graph.add("ReduceSum", ["x"], { keepdims: 0 }, { name: "Shape" });
      return graph.add("Exp", [sum], {}, { outputs: ["y"], name: "Concat" });
    });
    const { model: differentiated, cotangent, gradients } = differentiate(model);
    const found = await runOnnx(differentiated, {
      x: tensor("float32", [1, 2], Float32Array.of(0, 0)),
      [cotangent]: tensor("float32", [], Float32Array.of(3)),
    });
    expect(Array.from(found[gradients.x!]!.data, Number)).toEqual([3, 3]);
  });
});

describe("what a rule does not support is an error that names the node", () => {
  const cases: [string, readonly Dim[], (graph: GraphBuilder) => string][] = [
    [
      'Einsum "y" is not supported: the length of "x" along axis 1 is not fixed',
      ["n", "n"],
      (graph) => graph.add("Einsum", ["x"], { equation: "ii->i" }, to),
    ],
    [
      'BatchNormalization "y" is not supported: its statistics are not fixed',
      [2, 2],
      (graph) => {
        const [scale, shift, variance] = [floats(1, 2), floats(3, 4), floats(5, 6)].map((value) =>
          graph.constant(value),
        );
        const mean = graph.add("ReduceMean", ["x"], { axes: [0], keepdims: 0 });
        return graph.add("BatchNormalization", ["x", scale!, shift!, mean, variance!], {}, to);
      },
    ],
  ];

  it.each(cases)("%s", (message, dims, build) => {
    const act = () => differentiate(modelFrom(dims, build));
    expect(act).toThrow(expect.objectContaining({ message: `the gradient of ${message}` }));
    expect(act).toThrow(expect.toSatisfy(isVoxplainError));
  });
});
