import {
  type Attributes,
  channelAxisOf,
  type Graph,
  graphBuilder,
  inferShapes,
  intAttribute,
  intsAttribute,
  type Model,
  type Node,
} from "@voxplain/onnx-graph";

/** A graph and its value that holds the logits. */
export interface LogitsValue {
  readonly graph: Graph;
  readonly value: string;
  /** The axis along which the classes stand; undefined where the graph does not show it. */
  readonly classAxis: number | undefined;
  /** What made probabilities of them; undefined where they are the output as it stands. */
  readonly from?: "softmax" | "sigmoid";
}

/** Operators that move elements, or give them on. */
const moving = ["Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten"];

/**
 * The logits behind an output: explanations are of logits, and an exported network may end in probabilities, in
 * a copy of them, or in probabilities whose axes are moved. A softmax over another axis than that of the classes
 * makes no probabilities of them; it stays.
 * @param model with the lengths of an image, and channels in front.
 */
export function beforeProbabilities(model: Model, output: string): LogitsValue {
  const { graph } = model;
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const stated = { graph, value: output, classAxis: channelAxisOf(model, output, 1) };
  const moves: Node[] = [];
  let last = producers.get(output);
  while (last?.domain === "" && moving.includes(last.opType)) {
    moves.unshift(last);
    last = producers.get(last.inputs[0]!);
  }
  if (last?.domain !== "") return stated;
  const [logits = "", ...others] = last.inputs;
  if (others.length > 0) return stated;
  const isSoftmax = last.opType === "Softmax" || last.opType === "LogSoftmax";
  if (!isSoftmax && last.opType !== "Sigmoid") return stated;
  const from = isSoftmax ? "softmax" : "sigmoid";
  const axis = isSoftmax ? axisIn(last.attributes, rankOf(model, logits)) : undefined;
  const channels = channelAxisOf(model, logits, 1);
  if (axis !== undefined && channels !== undefined && axis !== channels) return stated;
  if (moves.every(({ opType }) => opType === "Identity")) {
    return { graph, value: logits, classAxis: channels ?? axis, from };
  }
  const classAxis = stated.classAxis ?? (axis === undefined ? undefined : axisAfter(moves, axis));
  return { ...moved(graph, logits, moves), classAxis, from };
}

function rankOf(model: Model, value: string): number | undefined {
  return inferShapes(model).get(value)?.dims?.length;
}

function axisIn(attributes: Attributes, rank: number | undefined): number | undefined {
  const axis = intAttribute(attributes, "axis", -1);
  if (axis >= 0) return axis;
  return rank === undefined ? undefined : axis + rank;
}

/** Where transpositions put an axis; undefined where other moves are among them. */
function axisAfter(moves: readonly Node[], axis: number): number | undefined {
  let place = axis;
  for (const { opType, attributes } of moves) {
    if (opType === "Identity") continue;
    if (opType !== "Transpose") return undefined;
    place = intsAttribute(attributes, "perm", []).indexOf(place);
  }
  return place < 0 ? undefined : place;
}

/** The moves again, of another value. */
function moved(graph: Graph, value: string, moves: readonly Node[]): { graph: Graph; value: string } {
  const builder = graphBuilder(graph.name, graph);
  let last = value;
  for (const { opType, domain, inputs, attributes } of moves) {
    const name = builder.fresh(`${value}/${opType}`);
    last = builder.add(opType, [last, ...inputs.slice(1)], attributes, { name, outputs: [name], domain });
  }
  return { graph: builder.build(), value: last };
}
