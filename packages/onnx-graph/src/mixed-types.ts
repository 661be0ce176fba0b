import { type DType, VoxplainError } from "@voxplain/core";
import { knownDtype } from "./data-type.ts";
import type { Graph, Node } from "./model.ts";
import { nodeOutput } from "./node-values.ts";
import { subgraphsOf } from "./subgraphs.ts";

const listed = (names: string): ReadonlySet<string> => new Set(names.split(" "));

/** Operators whose inputs are all of one type, which is that of the output too. */
const alike = listed("Add Clip Concat Conv ConvTranspose Div Gemm MatMul Max Mean Min Mod Mul PRelu Sub Sum");
/** Operators whose inputs are all of one type, and whose output holds truth values. */
const comparing = listed("And Equal Greater GreaterOrEqual Less LessOrEqual Or Xor");

/** Types of the values around a graph, where they are certain. */
interface Scope {
  get(name: string): DType | undefined;
}

/**
 * Looks for operators that join values of different types, which no runtime computes. Only types that the file states
 * or that follow from them are compared.
 * @throws VoxplainError `invalid-file` naming the node and the types.
 */
export function checkTypes(graph: Graph, outer: Scope = new Map()): void {
  const own = new Map<string, DType>(graph.inputs.map(({ name, dtype }) => [name, dtype]));
  for (const [name, { dtype }] of graph.initializers) own.set(name, dtype);
  const scope: Scope = { get: (name) => own.get(name) ?? outer.get(name) };
  for (const node of graph.nodes) {
    for (const inner of subgraphsOf(node)) checkTypes(inner, scope);
    const dtype = node.domain === "" ? typeOf(node, scope) : undefined;
    if (dtype !== undefined) own.set(nodeOutput(node), dtype);
  }
}

function typeOf(node: Node, scope: Scope): DType | undefined {
  const { opType, attributes } = node;
  if (alike.has(opType)) return commonType(node, scope);
  if (comparing.has(opType)) {
    commonType(node, scope);
    return "bool";
  }
  if (opType === "Shape" || opType === "Size") return "int64";
  const { value, to } = attributes;
  if (opType === "Constant" && value !== undefined && "tensor" in value) return value.tensor.dtype;
  return opType === "Cast" && to !== undefined && "int" in to ? knownDtype(to.int) : undefined;
}

function commonType({ name, opType, inputs }: Node, scope: Scope): DType | undefined {
  let common: DType | undefined;
  for (const input of inputs) {
    const dtype = scope.get(input);
    if (common !== undefined && dtype !== undefined && dtype !== common) {
      throw new VoxplainError(
        "invalid-file",
        `the graph is not sound: ${opType} "${name}" has inputs of different types`,
        { expected: "one type", found: `${common} and ${dtype}` },
      );
    }
    common ??= dtype;
  }
  return common;
}
