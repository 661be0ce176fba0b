import { type FilePath, type FileSource, isVoxplainError, pauses } from "@voxplain/core";
import type { Session } from "../cohorts/labels.ts";
import type { ImageGrid } from "../grids/compare-grids.ts";
import { type InputSpec, imageInput, inputGrid } from "../inputs/image-input.ts";
import type { PreprocessingStep } from "../inputs/preprocessing-steps.ts";
import { readImageFile, readImageHeader } from "../volumes/image-file.ts";
import type { LocatedImage } from "./located-image.ts";
import type { PartInput } from "./part.ts";

/** What a network takes, and how images become that. */
export interface LooseImageOptions {
  /** The shape that the network takes. */
  readonly spec: InputSpec;
  /** In their order. */
  readonly steps: readonly PreprocessingStep[];
}

/**
 * An image in a file of its own, of any format that `readImageFile` reads. It is one part, whose input is on the grid behind
 * the steps; maps are of the values there.
 */
export function looseImage(
  source: FileSource,
  path: FilePath,
  session: Session,
  { spec, steps }: LooseImageOptions,
): LocatedImage {
  return {
    session,
    source,
    warnings: [],
    files: async () => [path],
    async grid(): Promise<ImageGrid> {
      const { name } = session;
      try {
        return { ...inputGrid(await readImageHeader(source, path), spec, steps), name };
      } catch (error) {
        if (!isVoxplainError(error)) throw error;
        return { name, problem: error };
      }
    },
    async read() {
      const pause = pauses(undefined);
      const file = await readImageFile(source, path);
      await pause();
      const { values: input, affine, affineError, warnings } = imageInput(file, spec, steps);
      const part: PartInput = {
        ...{ index: 0, id: 0, name: "image", label: "image", warnings: [], input },
        transform: { minMax: "none" },
      };
      return {
        ...{ session, source, files: [path], grid: input.dims.slice(1), parts: [part], warnings },
        ...(affine && { affine }),
        ...(affineError && { affineError }),
        read: async () => part,
      };
    },
  };
}
