import { tensor } from "@voxplain/core";
import {
  type AttributeValues,
  graphBuilder,
  type Model,
  modelOf,
  type OperatorName,
} from "@voxplain/onnx-graph";
import { normals, uniform } from "../../../../tests/random.ts";
import { array, count, type NdArray } from "../interpreter/array.ts";

export type Precision = "float32" | "float64";

/** What a case builds its graph with. */
export interface CaseGraph {
  /** Adds a node; gives its output. */
  node(opType: OperatorName, inputs: readonly string[], attributes?: AttributeValues): string;
  /** Adds a node; gives its outputs. */
  nodes(
    opType: OperatorName,
    inputs: readonly string[],
    outputs: number,
    attributes?: AttributeValues,
  ): string[];
  /** Random fixed values; `positive` ones where a variance is needed. */
  weight(dims: readonly number[], kind?: "normal" | "positive"): string;
  floats(values: readonly number[], dims?: readonly number[]): string;
  /** A vector, or a value of other axes; [] for a scalar. */
  int64(values: readonly number[], dims?: readonly number[]): string;
  int32(values: readonly number[]): string;
  bools(values: readonly number[], dims: readonly number[]): string;
}

/** One small graph, whose gradient at each of its inputs is checked. */
export interface GradientCase {
  readonly name: string;
  /** Shapes of the inputs: x, or x, y, … A first axis "2n" has a symbolic length, which is 2 in the tests. */
  readonly inputs: readonly (readonly (number | "2n")[])[];
  readonly build: (g: CaseGraph, inputs: readonly string[]) => string;
  readonly opset?: number;
  /** Inputs are above 0. */
  readonly positive?: boolean;
}

export interface BuiltCase {
  readonly model: Model;
  readonly inputs: Readonly<Record<string, NdArray>>;
}

const inputNames = ["x", "y", "z"];

/** The model of a case, with its output "out", and values for its inputs. */
export function buildCase(
  { name, inputs, build, opset = 17, positive }: GradientCase,
  precision: Precision,
): BuiltCase {
  const random = uniform(seedOf(name));
  const graph = graphBuilder("case");
  const typed = (values: readonly number[], dims: readonly number[]) =>
    precision === "float32"
      ? tensor("float32", dims, Float32Array.from(values))
      : tensor("float64", dims, Float64Array.from(values));
  const draw = (dims: readonly number[], above: boolean) => {
    const values = normals(random, count(dims));
    return above ? values.map((value) => Math.fround(0.2 + Math.abs(value))) : values;
  };
  const caseGraph: CaseGraph = {
    node: (opType, from, attributes) => graph.add(opType, from, attributes),
    nodes: (opType, from, outputs, attributes) => graph.addMany(opType, from, outputs, attributes),
    weight: (dims, kind = "normal") =>
      graph.initializer(graph.fresh("w"), typed(draw(dims, kind === "positive"), dims)),
    floats: (values, dims = [values.length]) => graph.constant(typed(values, dims)),
    int64: (values, dims = [values.length]) =>
      graph.constant(tensor("int64", dims, BigInt64Array.from(values, BigInt))),
    int32: (values) => graph.constant(tensor("int32", [values.length], Int32Array.from(values))),
    bools: (values, dims) => graph.constant(tensor("bool", dims, Uint8Array.from(values))),
  };
  const fed = inputs.map((dims, k) => {
    const fixed = dims.map((length) => (length === "2n" ? 2 : length));
    graph.input(
      inputNames[k]!,
      precision,
      dims.map((length) => (length === "2n" ? "n" : length)),
    );
    return [inputNames[k]!, array(fixed, draw(fixed, positive === true))] as const;
  });
  const output = build(caseGraph, inputNames.slice(0, inputs.length));
  graph.add("Identity", [output], {}, { outputs: ["out"] });
  graph.output("out", precision, undefined);
  return { model: modelOf(graph.build(), { opsets: { "": opset } }), inputs: Object.fromEntries(fed) };
}

function seedOf(text: string): number {
  return Array.from(text).reduce(
    (hash, letter) => Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193),
    0x811c9dc5,
  );
}
