import type { Lowering } from "@voxplain/core";
import { type Model, spellBatchStatistics } from "@voxplain/onnx-graph";
import { lowerForCpu } from "./cpu.ts";
import { lowerForWebgpu } from "./webgpu.ts";

/** Spells a model the way a runtime executes it best; the values stay the same up to float32 rounding. */
export function lower(given: Model, { poolingGradient, convolution3d }: Lowering): Model {
  const model = spellBatchStatistics(given);
  // Values that a subgraph uses do not show among the inputs of the node that holds it.
  const hasSubgraph = model.graph.nodes.some(({ attributes }) =>
    Object.values(attributes).some((attribute) => "graph" in attribute || "graphs" in attribute),
  );
  if (hasSubgraph || (model.opsets[""] ?? 0) < 15) return model;
  if (poolingGradient === "windows") return lowerForWebgpu(model);
  return convolution3d === "blocked" ? lowerForCpu(model) : lowerForCpu(model, { blocked: undefined });
}
