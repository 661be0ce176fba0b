import { type Tensor, VoxplainError } from "@voxplain/core";
import { type Graph, isInMemory, type Node } from "./model.ts";
import { nodeOutput } from "./node-values.ts";
import { renamedNode } from "./rename-values.ts";
import { subgraphsOf } from "./subgraphs.ts";

/**
 * The graph with the branch that is taken in the place of every If whose condition is constant: an
 * initializer in memory, the output of a Constant, or one of `constants`. Values of a branch keep their names unless
 * another value has it, here or in another subgraph; the outputs of the If keep theirs. An If whose
 * condition is computed stays as it is; so do those inside of loops.
 * @throws VoxplainError `invalid-file` naming an If whose branch is missing, or has other outputs than the If.
 */
export function inlineConstantIfs(graph: Graph, constants: ReadonlyMap<string, Tensor> = new Map()): Graph {
  const names = new Set<string>();
  const repeated = new Set<string>();
  for (const name of namesMadeIn(graph)) (names.has(name) ? repeated : names).add(name);
  const initializers = new Map(graph.initializers);
  const valueInfo = [...graph.valueInfo];
  const nodes: Node[] = [];
  const truths = new Map<string, boolean>();
  for (const [name, value] of [...initializers, ...constants]) {
    if (isInMemory(value) && value.dtype === "bool") truths.set(name, value.data[0] !== 0);
  }

  const waiting = graph.nodes.toReversed();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const constant = node.domain === "" && node.opType === "Constant" ? node.attributes.value : undefined;
    if (constant !== undefined && "tensor" in constant && constant.tensor.dtype === "bool") {
      truths.set(nodeOutput(node), constant.tensor.data[0] !== 0);
    }
    const condition =
      node.domain === "" && node.opType === "If" ? truths.get(node.inputs[0] ?? "") : undefined;
    if (condition === undefined) {
      nodes.push(node);
      continue;
    }
    const branch = branchOf(node, condition ? "then_branch" : "else_branch");
    const renamed = namesOutside(node, branch, (name) =>
      repeated.has(name) ? fresh(node.name, name) : name,
    );
    const rename = (name: string) => renamed.get(name) ?? name;
    for (const [name, value] of branch.initializers) {
      initializers.set(rename(name), value);
      if (isInMemory(value) && value.dtype === "bool") truths.set(rename(name), value.data[0] !== 0);
    }
    for (const value of branch.valueInfo) valueInfo.push({ ...value, name: rename(value.name) });
    // A stack: what is put on it first comes last.
    for (const copy of copiesOf(node, branch, rename).toReversed()) waiting.push(copy);
    for (const inner of branch.nodes.toReversed()) waiting.push(renamedNode(inner, renamed));
  }
  return nodes.length === graph.nodes.length && nodes.every((node, k) => node === graph.nodes[k])
    ? graph
    : { ...graph, nodes, initializers, valueInfo };

  function fresh(prefix: string, name: string): string {
    for (let n = 0; ; n++) {
      const candidate = n === 0 ? `${prefix}/${name}` : `${prefix}/${name}_${n}`;
      if (names.has(candidate)) continue;
      names.add(candidate);
      return candidate;
    }
  }
}

/** Every name that a graph gives to a value, once for each time: its own and its subgraphs'. */
function namesMadeIn(graph: Graph): readonly string[] {
  return [
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((node) => [
      ...node.outputs.filter((name) => name !== ""),
      ...subgraphsOf(node).flatMap(namesMadeIn),
    ]),
  ];
}

function branchOf(node: Node, key: "then_branch" | "else_branch"): Graph {
  const found = node.attributes[key];
  if (found === undefined || !("graph" in found)) {
    throw new VoxplainError("invalid-file", `If "${node.name}" has no ${key}`);
  }
  if (found.graph.outputs.length === node.outputs.length) return found.graph;
  throw new VoxplainError(
    "invalid-file",
    `If "${node.name}" has ${node.outputs.length} outputs, its ${key} ${found.graph.outputs.length}`,
  );
}

/** Name in the branch → name outside, for what the branch makes. */
function namesOutside(
  node: Node,
  branch: Graph,
  unique: (name: string) => string,
): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  const computed = new Set(branch.nodes.flatMap(({ outputs }) => outputs));
  for (const [k, { name }] of branch.outputs.entries()) {
    const output = node.outputs[k] ?? "";
    if (output !== "" && computed.has(name) && !renamed.has(name)) renamed.set(name, output);
  }
  for (const name of [...branch.initializers.keys(), ...computed]) {
    if (name !== "" && !renamed.has(name)) renamed.set(name, unique(name));
  }
  return renamed;
}

/** For outputs of the branch that it does not compute, or names twice. */
function copiesOf(node: Node, branch: Graph, rename: (name: string) => string): readonly Node[] {
  return branch.outputs.flatMap(({ name }, k) => {
    const output = node.outputs[k] ?? "";
    if (output === "" || rename(name) === output) return [];
    const copy = { name: `${node.name}/${output}`, opType: "Identity", domain: "", attributes: {} };
    return [{ ...copy, inputs: [rename(name)], outputs: [output] }];
  });
}
