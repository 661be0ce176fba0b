import type { Lowering } from "@voxplain/core";
import type { Model } from "@voxplain/onnx-graph";
import { lowerForCpu } from "./cpu.ts";

/** Spells a model the way a runtime executes it best; the values stay the same up to float32 rounding. */
export function lower(model: Model, { poolingGradient, convolution3d }: Lowering): Model {
  if (poolingGradient === "windows") return model;
  return convolution3d === "blocked" ? lowerForCpu(model) : lowerForCpu(model, { blocked: undefined });
}
