import type { LeadingKernels } from "@voxplain/core";
import { type KernelProgram, kernelProgram } from "@voxplain/kernels";

/** The first blocks of a network as the thread that computes takes them: laid out in memory, with the names around them. */
export interface LeadingProgram extends Pick<LeadingKernels, "input" | "cut" | "gradients" | "guided"> {
  readonly program: KernelProgram;
}

export function leadingProgram(leading: LeadingKernels | undefined): LeadingProgram | undefined {
  if (leading === undefined) return undefined;
  const { blocks, inputDims, input, cut, gradients, guided = false } = leading;
  return { program: kernelProgram(blocks, inputDims), input, cut, guided, ...(gradients && { gradients }) };
}
