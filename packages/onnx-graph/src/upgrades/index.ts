import type { Node } from "../model.ts";
import { type ByOperator, entryFor, forOperators } from "../operator-name.ts";
import { meaningChanges } from "./meanings.ts";
import { settingChanges } from "./settings.ts";
import type { Change } from "./upgrade.ts";

/** How nodes of older operator sets are written in operator set 17. */
export const changes: ByOperator<Change> = { ...settingChanges, ...meaningChanges };

/** Axes are an input since 18, the scale of GroupNormalization has a value for each channel since 21. */
const later: ByOperator<number> = {
  ...forOperators("ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum", 18),
  ...forOperators("ReduceLogSumExp ReduceSumSquare", 18),
  Split: 18,
  GroupNormalization: 21,
};

/** The operator sets in which a node's operator is written in another way than in those before. */
export function changedSince(node: Pick<Node, "domain" | "opType">): readonly number[] {
  return [entryFor(changes, node)?.since, entryFor(later, node)].filter((opset) => opset !== undefined);
}
