import { tensor } from "@voxplain/core";
import { intAttribute, stringAttribute } from "../builder.ts";
import type { ByOperator } from "../operator-name.ts";
import { type Change, type Upgrade, type UpgradeContext, without } from "./upgrade.ts";

/** All axes from the given one on were one; today it is a single axis. */
const flattened: Upgrade = (g) => {
  const { node } = g;
  const [x = ""] = node.inputs;
  const axis = intAttribute(node.attributes, "axis", 1);
  const rank = g.value(x)?.dims?.length;
  const isLast = axis === -1 || (rank !== undefined && axis === rank - 1);
  if (isLast) return g.put({ attributes: { axis: { int: axis } } });
  const flat = g.add("Flatten", [x], { axis });
  const result = g.add(node.opType, [flat], { axis: -1 });
  g.put({ opType: "Reshape", inputs: [result, g.add("Shape", [x])], attributes: {} });
};

/**
 * Old operators took the place of an element times the inverse scale, cut; ONNX Runtime rounds up
 * along axes that become shorter.
 */
const resize: Upgrade = (g) => {
  const { node } = g;
  const [x = "", given] = node.inputs;
  const attribute = node.attributes.scales;
  const stated = attribute !== undefined && "floats" in attribute ? attribute.floats : undefined;
  const scales =
    given ?? g.constant("scales", tensor("float32", [stated?.length ?? 0], Float32Array.from(stated ?? [])));
  const isLinear = stringAttribute(node.attributes, "mode", "nearest") !== "nearest";
  g.put({
    opType: "Resize",
    inputs: [x, "", scales],
    attributes: {
      mode: node.attributes.mode ?? { string: "nearest" },
      coordinate_transformation_mode: { string: "asymmetric" },
      nearest_mode: { string: isLinear ? "floor" : nearestMode(g, stated ?? g.numbers(given)) },
    },
  });
};

function nearestMode(g: UpgradeContext, scales: readonly number[] = []): "floor" | "ceil" {
  // Where an axis becomes an integer number of times shorter, places are whole numbers.
  const roundsUp = scales.some((scale) => scale < 1 && !Number.isInteger(Math.fround(1 / scale)));
  const roundsDown = scales.some((scale) => scale > 1);
  if (roundsUp && roundsDown) {
    throw g.unsupported("one axis becomes longer and another one shorter, which were rounded differently");
  }
  return roundsUp ? "ceil" : "floor";
}

/** In inference nothing is dropped. The mask says something else: ONNX Runtime gave zeros before operator set 12, and ones since. */
const dropout: Upgrade = (g) => {
  const [y = "", mask = ""] = g.node.outputs;
  if (mask !== "" && g.isUsed(mask)) throw g.unsupported("its mask is used");
  g.put({ inputs: g.node.inputs.slice(0, 1), attributes: {}, outputs: [y] });
};

/** More outputs than the first were there in training only. */
const batchNormalization: Upgrade = (g) => {
  const { node } = g;
  const [y = "", ...statistics] = node.outputs;
  const isTraining = statistics.some((name) => name !== "");
  if (statistics.some((name) => name !== "" && g.isUsed(name))) {
    throw g.unsupported(
      "it is in training mode, and its statistics are used; export the model for inference",
    );
  }
  if (intAttribute(node.attributes, "spatial", 1) === 0) {
    throw g.unsupported("it normalizes every place by itself (spatial=0)");
  }
  const attributes = without(node.attributes, "spatial");
  g.put({ outputs: [y], attributes: isTraining ? { ...attributes, training_mode: { int: 1 } } : attributes });
};

const scatter: Upgrade = (g) => g.put({ opType: "ScatterElements" });

const roiAlign: Upgrade = (g) =>
  g.put({
    attributes: { ...g.node.attributes, coordinate_transformation_mode: { string: "output_half_pixel" } },
  });

const scan: Upgrade = (g) => {
  throw g.unsupported("it goes along a batch axis");
};

/** Operators whose meaning or name is another one. */
export const meaningChanges: ByOperator<Change> = {
  Softmax: { since: 13, upgrade: flattened },
  LogSoftmax: { since: 13, upgrade: flattened },
  Hardmax: { since: 13, upgrade: flattened },
  Upsample: { since: 17, upgrade: resize },
  Resize: { since: 11, upgrade: resize },
  Dropout: { since: 12, upgrade: dropout },
  BatchNormalization: { since: 14, upgrade: batchNormalization },
  Scatter: { since: 17, upgrade: scatter },
  RoiAlign: { since: 16, upgrade: roiAlign },
  Scan: { since: 9, upgrade: scan },
};
