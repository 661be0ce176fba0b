import { elementAt } from "@voxplain/core";
import type { Dim, Graph, Node } from "../model.ts";
import type { ShapeRule, ShapeRules } from "./known.ts";

/** What both branches state of their outputs. */
const either: ShapeRule = ({ node }) => {
  const [taken, other] = ["then_branch", "else_branch"].map((key) => branchOf(node, key));
  return (
    (taken ?? other)?.outputs.map(({ dtype, dims }, k) => {
      const otherDims = other?.outputs[k]?.dims;
      const isComparable = dims !== undefined && otherDims?.length === dims.length;
      return {
        dtype,
        dims: isComparable ? dims.map((dim, axis) => same(dim, elementAt(otherDims, axis))) : undefined,
      };
    }) ?? []
  );
};

const same = (a: Dim, b: Dim): Dim => (a === b ? a : null);

function branchOf(node: Node, key: string): Graph | undefined {
  const found = node.attributes[key];
  return found !== undefined && "graph" in found ? found.graph : undefined;
}

export const branchingRules: ShapeRules = { If: either };
