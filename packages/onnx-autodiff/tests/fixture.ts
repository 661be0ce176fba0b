import { readFileSync } from "node:fs";
import { fromBytes, type Tensor, tensor } from "@voxplain/core";
import {
  type AttributeValue,
  graphBuilder,
  type Model,
  modelOf,
  type OperatorName,
} from "@voxplain/onnx-graph";

/** The values of a tensor: base64 of little-endian float32. */
export interface Packed {
  readonly dims: readonly number[];
  readonly data: string;
}

/** A small graph whose input is x and whose output is y, with what PyTorch computes. */
export interface Fixture {
  readonly name: string;
  readonly nodes: readonly {
    readonly op: OperatorName;
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

/** The fixtures of a file that `fixtures/fixture_case.py` wrote. */
export function readFixtures(file: string): readonly Fixture[] {
  return JSON.parse(readFileSync(new URL(`fixtures/${file}`, import.meta.url), "utf8"));
}

export function unpacked({ dims, data }: Packed): Tensor<"float32"> {
  return tensor("float32", dims, fromBytes("float32", new Uint8Array(Buffer.from(data, "base64"))));
}

/** With a batch of symbolic length, as exported networks have it. */
export function modelOfFixture({ nodes, weights, integers, x, opset = 17 }: Fixture): Model {
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
