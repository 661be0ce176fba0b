import { intAttribute, stringAttribute } from "@voxplain/onnx-graph";
import { type GradientRule, type GradientRules, inputOf, type RuleContext } from "../rule.ts";

/** Updates replace elements, or are added to them. */
function replaces(g: RuleContext): boolean {
  const reduction = stringAttribute(g.node.attributes, "reduction", "none");
  if (reduction === "none" || reduction === "add") return reduction === "none";
  throw g.unsupported(`its reduction is "${reduction}"; only "none" and "add" are supported`);
}

/** dy but for the elements that were replaced; and for the updates dy where they went. */
const scatterElements: GradientRule = (g, [dy]) => {
  if (dy === undefined) return [];
  const indices = inputOf(g, 1);
  const axis = intAttribute(g.node.attributes, "axis", 0);
  const replaced = replaces(g);
  const rest = () => g.emit("ScatterElements", [dy, indices, g.zeros(g.shapeOf(indices))], { axis });
  return [
    !g.wants(0) ? undefined : replaced ? rest() : dy,
    undefined,
    g.wants(2) ? g.emit("GatherElements", [dy, indices], { axis }) : undefined,
  ];
};

/** The same, with tuples of indices. */
const scatterND: GradientRule = (g, [dy]) => {
  if (dy === undefined) return [];
  const [indices, updates] = [inputOf(g, 1), inputOf(g, 2)];
  const replaced = replaces(g);
  const rest = () => g.emit("ScatterND", [dy, indices, g.zeros(g.shapeOf(updates))]);
  return [
    !g.wants(0) ? undefined : replaced ? rest() : dy,
    undefined,
    g.wants(2) ? g.emit("GatherND", [dy, indices]) : undefined,
  ];
};

export const scatterRules: GradientRules = { ScatterElements: scatterElements, ScatterND: scatterND };
