import { VoxplainError } from "@voxplain/core";
import type * as v from "valibot";
import { type convolutionBlocks, mostLayers } from "./option-values.ts";
import type { Normalization, RandomArchitectureSettings } from "./settings.ts";

/** What a random search drew, as a file of options has it. */
export interface DrawnOptions {
  /** The key of the blocks: "convolutions". */
  readonly key: string;
  readonly blocks: v.InferOutput<typeof convolutionBlocks>;
  readonly fullyConnectedBlocks: number | undefined;
  readonly normalization: Normalization;
}

/** @throws VoxplainError `invalid-file` without blocks, with far too many, or without the number of linear layers. */
export function drawnArchitecture(drawn: DrawnOptions, file: string): RandomArchitectureSettings {
  const { key, fullyConnectedBlocks, normalization } = drawn;
  const blocks = Object.entries(drawn.blocks);
  if (blocks.length === 0 || blocks.length > mostLayers) {
    throw new VoxplainError("invalid-file", `wrong number of blocks in "${key}"`, {
      file,
      expected: `1 to ${mostLayers}`,
      found: String(blocks.length),
    });
  }
  if (fullyConnectedBlocks === undefined) {
    throw new VoxplainError("invalid-file", `"n_fcblocks" is missing beside "${key}"`, { file });
  }
  return {
    convolutions: blocks.map(([name, value]) => ({
      name,
      inChannels: value.in_channels ?? undefined,
      outChannels: value.out_channels,
      convolutionCount: value.n_conv,
      reduction: value.d_reduction,
    })),
    fullyConnectedBlocks,
    normalization,
  };
}
