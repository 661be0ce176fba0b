import type { LeadingKernels, SessionKernels } from "@voxplain/core";
import { type KernelProgram, kernelProgram, type ProgramOptions } from "./program.ts";

/** The first blocks of a network as the thread that computes takes them: laid out in memory, with the names around them. */
export interface LeadingProgram extends Pick<LeadingKernels, "input" | "cut" | "gradients" | "rule"> {
  /** The blocks in memory. */
  readonly program: KernelProgram;
  /** Shape of an image: [channels, ...lengths]. */
  readonly imageDims: readonly number[];
}

/**
 * The blocks in front of a model as plain data, which can be posted to the thread that computes.
 * @throws VoxplainError `unsupported` for a block that the kernels cannot compute; `mismatch` where the image is too small.
 */
export function leadingProgram(
  { blocks, inputDims, input, cut, gradients, rule, relevance }: LeadingKernels,
  options: Omit<ProgramOptions, "relevance"> = {},
): LeadingProgram {
  const program = kernelProgram(blocks, inputDims, { ...options, relevance });
  const imageDims = [blocks[0]?.inputChannels ?? 1, ...inputDims];
  return { program, imageDims, input, cut, ...(rule && { rule }), ...(gradients && { gradients }) };
}

/** Which kernels compute the blocks. Values that are not finite, or may overflow, are computed by the plain ones in their place. */
export const kernelNames = ({ program: { steps }, gradients }: LeadingProgram): SessionKernels => ({
  forward: steps.map(({ forward }) => forward),
  ...(gradients && { gradient: steps.map(({ gradient }) => gradient) }),
});
