import { readFileSync } from "node:fs";
import { fromBytes, type Tensor, tensor } from "@voxplain/core";
import { type AttributeValue, graphBuilder, type Model, modelOf } from "@voxplain/onnx-graph";
import { describe, expect, it } from "vitest";
import { differentiate } from "../src/index.ts";
import { runOnnx } from "./run-onnx.ts";

interface Packed {
  readonly dims: readonly number[];
  readonly data: string;
}

interface Fixture {
  readonly name: string;
  readonly nodes: readonly {
    readonly op: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly attributes: Readonly<Record<string, AttributeValue>>;
  }[];
  readonly weights: Readonly<Record<string, Packed>>;
  /** Vectors, or values of any shape. */
  readonly integers: Readonly<
    Record<
      string,
      readonly number[] | { readonly dims: readonly number[]; readonly values: readonly number[] }
    >
  >;
  /** Default: 17. */
  readonly opset?: number;
  readonly x: Packed;
  readonly cotangent: Packed;
  readonly y: Packed;
  readonly gradient: Packed;
  /** Gradients at some of the weights. */
  readonly weightGradients?: Readonly<Record<string, Packed>>;
}

const files = ["gradients.json", "operators.json", "indexing.json", "spatial.json"];
const fixtures = files.flatMap((file): readonly Fixture[] =>
  JSON.parse(readFileSync(new URL(`fixtures/${file}`, import.meta.url), "utf8")),
);

function unpacked({ dims, data }: Packed): Tensor<"float32"> {
  return tensor("float32", dims, fromBytes("float32", new Uint8Array(Buffer.from(data, "base64"))));
}

/** With a batch of symbolic length, as exported networks have it. */
function modelOfFixture({ nodes, weights, integers, x, opset = 17 }: Fixture): Model {
  const graph = graphBuilder("fixture");
  graph.input("x", "float32", ["batch", ...x.dims.slice(1)]);
  for (const [name, value] of Object.entries(weights)) graph.initializer(name, unpacked(value));
  for (const [name, value] of Object.entries(integers)) {
    const { dims, values } = "dims" in value ? value : { dims: [value.length], values: value };
    graph.initializer(name, tensor("int64", dims, BigInt64Array.from(values, BigInt)));
  }
  for (const { op, inputs, outputs, attributes } of nodes)
    graph.addMany(op, inputs, outputs.length, attributes, { outputs });
  graph.output("y", "float32", undefined);
  return modelOf(graph.build(), { opsets: { "": opset } });
}

/** Relative L2 distance. */
function distance(found: Tensor, expected: Tensor<"float32">): number {
  const square = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
  const wanted = Array.from(expected.data);
  const difference = wanted.map((value, k) => value - Number(found.data[k]));
  return Math.sqrt(square(difference) / Math.max(1e-12, square(wanted)));
}

describe("gradients in ONNX Runtime equal those of PyTorch", () => {
  it.each(fixtures)("$name", async (fixture) => {
    const expected = { x: fixture.gradient, ...fixture.weightGradients };
    const { model, cotangent, gradients } = differentiate(modelOfFixture(fixture), {
      withRespectTo: Object.keys(expected),
      output: "y",
    });
    const found = await runOnnx(model, {
      x: unpacked(fixture.x),
      [cotangent]: unpacked(fixture.cotangent),
    });
    // 1e-6: float32 (6e-8), sums of up to a hundred terms. A maximum that goes to another place gives 0.1 and more.
    expect(found.y!.dims).toEqual(fixture.y.dims);
    expect(distance(found.y!, unpacked(fixture.y))).toBeLessThan(1e-6);
    for (const [name, packed] of Object.entries(expected)) {
      const gradient = found[gradients[name]!]!;
      expect(gradient.dims).toEqual(packed.dims);
      expect(distance(gradient, unpacked(packed))).toBeLessThan(1e-6);
    }
  });
});
