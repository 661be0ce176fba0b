import { VoxplainError } from "@voxplain/core";
import { normalizesByBatch, usedIn } from "./batch-statistics.ts";
import type { Graph, Model, Node } from "./model.ts";
import { inferShapes } from "./shape-inference.ts";
import { mayDropOut } from "./simplify.ts";
import { subgraphsOf } from "./subgraphs.ts";

const random = new Set(
  "RandomNormal RandomUniform RandomNormalLike RandomUniformLike Bernoulli Multinomial".split(" "),
);

/**
 * Refuses a model that gives no fixed result for an image: it draws random numbers, as Dropout in training mode does, or
 * normalizes each value of an image by itself, which leaves nothing of it (BatchNormalization in training mode, of one
 * value per channel), or uses running statistics, which change with every image.
 * @throws VoxplainError `unsupported` naming the node.
 */
export function checkInferenceOnly(model: Model): void {
  checkNothingRandom(model.graph);
  const normalizations = model.graph.nodes.filter(normalizesByBatch);
  if (normalizations.length === 0) return;
  const used = usedIn(model.graph);
  const values = inferShapes(model);
  for (const node of normalizations) {
    if (node.outputs.slice(1).some((output) => used.has(output)))
      throw refused(node, "is in training mode, and its running statistics are used");
    const [, , ...spatial] = values.get(node.inputs[0] ?? "")?.dims ?? [null, null, null];
    if (!spatial.every((length) => length === 1)) continue;
    throw refused(
      node,
      "is in training mode, and an image has a single value for each of its channels, of which there are no statistics",
    );
  }
}

function checkNothingRandom({ nodes, initializers }: Graph): void {
  for (const node of nodes) {
    for (const inner of subgraphsOf(node)) checkNothingRandom(inner);
    if (node.domain !== "") continue;
    if (random.has(node.opType)) throw refused(node, "draws random numbers");
    if (node.opType === "Dropout" && mayDropOut(node, initializers))
      throw refused(node, "is, or may be, in training mode and drops values at random");
  }
}

function refused({ opType, name, outputs }: Node, what: string): VoxplainError {
  return new VoxplainError("unsupported", `${opType} "${name || outputs[0]}" ${what}`, {
    hint: "export the network for inference, after model.eval()",
  });
}
