import { groupBy, VoxplainError } from "@voxplain/core";
import {
  type Dim,
  entryFor,
  type Graph,
  isIn,
  type Node,
  type StandardNode,
  type ValueInfo,
} from "@voxplain/onnx-graph";
import { type Reach, usedBy } from "./reach.ts";
import type { GradientRule, GradientRules } from "./rule.ts";

export function isFloat(value: ValueInfo | undefined): boolean {
  return value?.dtype.includes("float") ?? false;
}

export type ShapedValue = ValueInfo & { readonly dims: readonly Dim[] };

/** A value of the graph, of which a gradient can be taken. @throws VoxplainError `invalid-argument`, `unsupported`. */
export function floatValue(graph: Graph, values: ReadonlyMap<string, ValueInfo>, name: string): ShapedValue {
  const value = values.get(name);
  if (value === undefined) {
    const names = (list: readonly ValueInfo[]) => list.map((info) => `"${info.name}"`).join(", ") || "none";
    throw new VoxplainError(
      "invalid-argument",
      `the graph has no value "${name}"; its inputs are ${names(graph.inputs)}, its outputs ${names(graph.outputs)}`,
    );
  }
  if (!isFloat(value)) {
    throw new VoxplainError("invalid-argument", `"${name}" has no gradient`, {
      expected: "floating-point numbers",
      found: value.dtype,
    });
  }
  const { dims } = value;
  if (dims === undefined) {
    throw new VoxplainError("unsupported", `the number of axes of "${name}" is not known`);
  }
  return { ...value, dims };
}

/** @throws VoxplainError `invalid-argument` where there is none. */
export function firstFloatInput(graph: Graph): string {
  const found = graph.inputs.find(isFloat);
  if (found !== undefined) return found.name;
  throw new VoxplainError("invalid-argument", "the graph has no input of floating-point numbers");
}

/**
 * @throws VoxplainError `invalid-argument` naming values that have no influence on the output, `unsupported` where
 * operators are between them through which no gradient passes.
 */
export function checkConnected(
  { active, path }: Reach,
  withRespectTo: readonly string[],
  output: string,
  nodes: readonly Node[],
): void {
  const used = new Set([output, ...path.flatMap(usedBy)]);
  const idle = withRespectTo.filter((value) => !used.has(value) || !active.has(output));
  if (withRespectTo.length > 0 && idle.length === 0) return;
  const named = idle.map((value) => `"${value}"`).join(", ");
  const ends = endsBetween(nodes, active, output);
  if (ends.length > 0) {
    throw new VoxplainError(
      "unsupported",
      `"${output}" has no gradient with respect to ${named}: none passes through ${counted(ends)}`,
    );
  }
  throw new VoxplainError(
    "invalid-argument",
    withRespectTo.length === 0
      ? "no value is named whose gradient is wanted"
      : `"${output}" has no gradient with respect to ${named}: it does not depend on it, or only through its shape`,
  );
}

/** A node with the rule of its operator. */
export interface RuledNode {
  readonly node: StandardNode;
  readonly rule: GradientRule;
}

/** @throws VoxplainError `unsupported` naming every node without a rule. */
export function withRules(path: readonly Node[], rules: GradientRules): readonly RuledNode[] {
  const ruled = path.flatMap((node) => {
    const rule = entryFor(rules, node);
    return rule !== undefined && isIn(rules, node) ? [{ node, rule }] : [];
  });
  if (ruled.length === path.length) return ruled;
  const blocking = path.filter((node) => entryFor(rules, node) === undefined);
  throw new VoxplainError("unsupported", `the gradient is not known of ${counted(blocking)}`);
}

/** Nodes by their operators: one with its name, of several their number and the name of the first. */
function counted(nodes: readonly Node[]): string {
  const groups = groupBy(nodes, ({ domain, opType }) => `${domain === "" ? "" : `${domain}.`}${opType}`);
  const entries = [...groups].map(([operator, [first, ...others]]) =>
    others.length === 0
      ? `${operator} "${first.name || first.outputs[0]}"`
      : `${operator} (${others.length + 1} nodes, the first is "${first.name || first.outputs[0]}")`,
  );
  return entries.join(", ");
}

/** Operators at which gradients end although their values reach the output. */
function endsBetween(nodes: readonly Node[], active: ReadonlySet<string>, output: string): readonly Node[] {
  const needed = new Set([output]);
  const ends: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    for (const value of usedBy(node)) needed.add(value);
    const isEnd =
      usedBy(node).some((value) => active.has(value)) && !node.outputs.some((value) => active.has(value));
    if (isEnd && node.opType !== "Shape" && node.opType !== "Size") ends.push(node);
  }
  return ends.toReversed();
}
