import { intAttribute, stringAttribute } from "@voxplain/onnx-graph";
import { type GradientRules, type RuleContext, unary } from "../rule.ts";

const blockOf = (g: RuleContext) => intAttribute(g.node.attributes, "blocksize", 1);

/**
 * The elements go back. SpaceToDepth undoes DepthToSpace where the positions in a block are the outer
 * axis of the channels (DCR); where they are the inner one (CRD), the two axes are exchanged after it.
 */
const depthToSpace = unary((g, dy) => {
  const blocksize = blockOf(g);
  const back = g.emit("SpaceToDepth", [dy], { blocksize });
  if (stringAttribute(g.node.attributes, "mode", "DCR") === "DCR") return back;
  const channels = g.dims(g.y[0])[1];
  if (typeof channels !== "number") throw g.unsupported("the number of its channels is not fixed");
  const apart = g.emit("Reshape", [back, g.int64([0, blocksize ** 2, channels, -1])]);
  const exchanged = g.emit("Transpose", [apart], { perm: [0, 2, 1, 3] });
  return g.emit("Reshape", [exchanged, g.shapeOf(g.x[0])]);
});

const spaceToDepth = unary((g, dy) => g.emit("DepthToSpace", [dy], { blocksize: blockOf(g), mode: "DCR" }));

export const blockRules: GradientRules = { DepthToSpace: depthToSpace, SpaceToDepth: spaceToDepth };
