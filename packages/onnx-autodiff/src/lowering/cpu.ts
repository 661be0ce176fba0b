import type { Model } from "@voxplain/onnx-graph";
import { type BlockedOptions, blockedConvolution } from "./blocked-convolution.ts";
import { depthSlabs, type SlabOptions } from "./depth-slabs.ts";
import { foldScale } from "./fold-scale.ts";
import { paddedPooling } from "./padded-pooling.ts";
import { thinConvolution } from "./thin-convolution.ts";

export interface CpuLoweringOptions {
  readonly slabs: SlabOptions;
  /** undefined where there are no blocked kernels. */
  readonly blocked: BlockedOptions | undefined;
}

const megabyte = 2 ** 20;

/** Slabs of 5 to 20 MB take the same time; larger ones take more memory, smaller ones save none. */
const measured: CpuLoweringOptions = {
  slabs: { wholeBytes: 32 * megabyte, slabBytes: 10 * megabyte },
  blocked: { multiplications: 2 ** 28 },
};

/**
 * Spells a 3D network with max-pooling, and its gradient, for ONNX Runtime's CPU provider. The results
 * are the same up to float32 rounding, ties between maxima included. What matches no pattern
 * exactly, 2D networks among it, stays as it is.
 */
export function lowerForCpu(model: Model, options: Partial<CpuLoweringOptions> = {}): Model {
  const { slabs, blocked } = { ...measured, ...options };
  // Values that a subgraph uses do not show among the inputs of the node that holds it.
  const hasSubgraph = model.graph.nodes.some(({ attributes }) =>
    Object.values(attributes).some((attribute) => "graph" in attribute || "graphs" in attribute),
  );
  if (hasSubgraph || (model.opsets[""] ?? 0) < 15) return model;
  const direct = depthSlabs(thinConvolution(paddedPooling(foldScale(model))), slabs);
  return blocked === undefined ? direct : blockedConvolution(direct, blocked);
}
