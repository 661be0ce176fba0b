import type { InferenceSession, KernelUse, ModelRuntime } from "@voxplain/core";

/**
 * What an open session computes the first blocks with, as a reader of a result understands it.
 * @param isWholeNeeded - Whether kernels suit the network, but the method propagates through its first blocks by other rules.
 */
export function kernelUse(
  pass: KernelUse["pass"],
  { kernels }: InferenceSession,
  { lowering, executionProvider }: ModelRuntime,
  isWholeNeeded = false,
): KernelUse {
  if (kernels !== undefined) return { pass, blocks: kernels.forward.length, kernels };
  if (lowering.kernels === true) {
    return {
      ...{ pass, blocks: 0 },
      reason: isWholeNeeded
        ? "the method needs the whole network in the runtime"
        : "the first layers do not suit kernels",
    };
  }
  const hasKernels = executionProvider === "cpu" || executionProvider === "wasm";
  const reason = hasKernels ? "switched off" : `there are none for the provider ${executionProvider}`;
  return { pass, blocks: 0, reason };
}
