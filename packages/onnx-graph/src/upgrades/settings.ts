import { type Tensor, tensor } from "@voxplain/core";
import { floatAttribute, intAttribute, intsAttribute } from "../builder.ts";
import { nodeInput } from "../node-values.ts";
import type { ByOperator } from "../operator-name.ts";
import { type Change, type Upgrade, type UpgradeContext, without } from "./upgrade.ts";

/** Axes, which were an attribute. */
const axes: Upgrade = (g) => {
  const given = intsAttribute(g.node.attributes, "axes", []);
  const [x = ""] = g.node.inputs;
  g.put({
    inputs: given.length === 0 ? [x] : [x, g.int64("axes", given)],
    attributes: without(g.node.attributes, "axes"),
  });
};

const split: Upgrade = (g) => {
  const lengths = intsAttribute(g.node.attributes, "split", []);
  const [x = ""] = g.node.inputs;
  g.put({
    inputs: lengths.length === 0 ? [x] : [x, g.int64("split", lengths)],
    attributes: without(g.node.attributes, "split"),
  });
};

/** A number of the type of the node's first input. */
function number(g: UpgradeContext, label: string, value: number): string {
  const dtype = g.value(g.node.inputs[0] ?? "")?.dtype ?? "float32";
  if (dtype === "float64") return g.constant(label, tensor(dtype, [], Float64Array.of(value)));
  const constant = g.constant(label, tensor("float32", [], Float32Array.of(value)) as Tensor);
  return dtype === "float32" ? constant : g.add("CastLike", [constant, nodeInput(g.node, 0)]);
}

/** Without bounds it clips nothing. */
const clip: Upgrade = (g) => {
  const { attributes } = g.node;
  const bound = (key: string) =>
    key in attributes ? number(g, key, floatAttribute(attributes, key, 0)) : "";
  g.put({
    inputs: [nodeInput(g.node, 0), bound("min"), bound("max")],
    attributes: without(attributes, "min", "max"),
  });
};

const pad: Upgrade = (g) => {
  const { attributes } = g.node;
  const pads = g.int64("pads", intsAttribute(attributes, "pads", []));
  const filler = floatAttribute(attributes, "value", 0);
  g.put({
    inputs:
      filler === 0 ? [nodeInput(g.node, 0), pads] : [nodeInput(g.node, 0), pads, number(g, "value", filler)],
    attributes: without(attributes, "pads", "value"),
  });
};

const slice: Upgrade = (g) => {
  const { attributes } = g.node;
  const parts = ["starts", "ends", "axes"].filter((key) => key in attributes);
  const settings = parts.map((key) => g.int64(key, intsAttribute(attributes, key, [])));
  g.put({ inputs: [nodeInput(g.node, 0), ...settings], attributes: without(attributes, ...parts) });
};

const topK: Upgrade = (g) => {
  const { attributes } = g.node;
  const count = g.int64("k", [intAttribute(attributes, "k", 1)]);
  g.put({ inputs: [nodeInput(g.node, 0), count], attributes: without(attributes, "k") });
};

/** What were attributes are inputs. */
export const settingChanges: ByOperator<Change> = {
  Squeeze: { since: 13, upgrade: axes },
  Unsqueeze: { since: 13, upgrade: axes },
  ReduceSum: { since: 13, upgrade: axes },
  Split: { since: 13, upgrade: split },
  Clip: { since: 11, upgrade: clip },
  Pad: { since: 11, upgrade: pad },
  Slice: { since: 10, upgrade: slice },
  TopK: { since: 10, upgrade: topK },
};
