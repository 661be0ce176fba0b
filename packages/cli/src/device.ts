import { type ModelRuntime, VoxplainError } from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";

/**
 * The runtime that was asked for.
 * @throws VoxplainError `device-unavailable` where a GPU is wanted and none can be used.
 */
export function chooseRuntime({ use_cpu, threads }: { use_cpu: boolean; threads?: number }): ModelRuntime {
  if (!use_cpu) {
    throw new VoxplainError(
      "device-unavailable",
      "no GPU is available: this version of Voxplain computes on the CPU. Add --use_cpu.",
    );
  }
  return nodeRuntime({ executionProvider: "cpu", ...(threads !== undefined && { threads }) });
}
