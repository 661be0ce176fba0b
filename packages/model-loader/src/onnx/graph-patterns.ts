import { type Graph, isInMemory, type Node } from "@voxplain/onnx-graph";

/** The standard operators of a graph by the names of their outputs. */
export type Producers = ReadonlyMap<string, Node>;

export function producersOf({ nodes }: Graph): Producers {
  const standard = nodes.filter(({ domain }) => domain === "");
  return new Map(standard.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
}

/** Operators that change the shape of a value or the order of its elements, and nothing else. */
export function isMovement({ opType }: Node): boolean {
  return ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"].includes(opType);
}

/** Operators that keep some of the elements. */
export function isSelection({ opType }: Node): boolean {
  return ["Slice", "Gather"].includes(opType);
}

/** The number that a constant of one element holds. */
export function constantNumber(
  graph: Graph,
  producers: Producers,
  name: string | undefined,
): number | undefined {
  if (name === undefined || name === "") return undefined;
  const weight = graph.initializers.get(name);
  if (weight !== undefined) {
    return isInMemory(weight) && weight.data.length === 1 ? Number(weight.data[0]) : undefined;
  }
  const node = producers.get(name);
  if (node?.opType !== "Constant") return undefined;
  const [value] = Object.values(node.attributes);
  if (value === undefined) return undefined;
  if ("tensor" in value) return value.tensor.data.length === 1 ? Number(value.tensor.data[0]) : undefined;
  return "float" in value ? value.float : "int" in value ? value.int : undefined;
}
