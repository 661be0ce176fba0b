import { readFileSync } from "node:fs";
import { type DType, type Tensor, tensor } from "@voxplain/core";
import {
  type Attribute,
  type Dim,
  decodeModel,
  graphBuilder,
  inferShapes,
  modelOf,
} from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";

const fixtures = new URL("./fixtures/", import.meta.url);
const json = (name: string) => JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));

interface Case {
  readonly name: string;
  readonly op: string;
  readonly opset: number;
  readonly attributes: Record<string, Attribute>;
  readonly nodeInputs: string[];
  readonly inputs: { dtype: DType; dims: Dim[] }[];
  readonly constants: Record<string, { dtype: DType; dims: number[]; data: (string | number)[] }>;
  readonly expected: { dtype: DType; dims: Dim[] }[];
}

describe("one operator, against onnx.shape_inference", () => {
  it.each(json("shape-cases.json") as Case[])("$name", (given) => {
    const outputs = given.expected.map((_, k) => `y${k}`);
    const shapes = inferShapes(modelOf(graphOf(given, outputs), { opsets: { "": given.opset } }));
    const found = outputs.map((name) => shapes.get(name));
    for (const [k, { dtype, dims }] of given.expected.entries()) {
      expect(found[k]?.dtype).toBe(dtype);
      // Where the reference leaves an axis open, ours may know it.
      const comparable = found[k]?.dims?.map((dim, axis) => (dims[axis] === null ? null : dim));
      expect(comparable).toEqual(dims);
    }
  });
});

function graphOf({ op, attributes, nodeInputs, inputs, constants }: Case, outputs: string[]) {
  const builder = graphBuilder("case");
  for (const [k, { dtype, dims }] of inputs.entries()) builder.input(`x${k}`, dtype, dims);
  for (const [name, { dtype, dims, data }] of Object.entries(constants)) {
    builder.initializer(name, constantOf(dtype, dims, data));
  }
  builder.addMany(op, nodeInputs, outputs.length, attributes, { name: "node", outputs });
  return builder.build();
}

function constantOf(dtype: DType, dims: number[], data: (string | number)[]): Tensor {
  return dtype === "int64"
    ? tensor("int64", dims, BigInt64Array.from(data, BigInt))
    : tensor("float32", dims, Float32Array.from(data, Number));
}

describe("models exported by PyTorch, whose shapes the graph computes", () => {
  const expected = json("exports.json") as Record<string, Dim[][]>;
  it.each(Object.keys(expected))("%s", async (name) => {
    const model = await decodeModel(readFileSync(new URL(`${name}.onnx`, fixtures)));
    // What the file itself says of inner values and outputs must not help.
    const outputs = model.graph.outputs.map((value) => ({ ...value, dims: undefined }));
    const shapes = inferShapes({ ...model, graph: { ...model.graph, outputs, valueInfo: [] } });
    expect(model.graph.outputs.map((value) => shapes.get(value.name)?.dims)).toEqual(expected[name]);
    expect([...shapes.values()].filter(({ dims }) => dims === undefined)).toEqual([]);
  });
});
