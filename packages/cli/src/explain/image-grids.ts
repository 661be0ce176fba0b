import {
  type Companion,
  checkCohort,
  checkCompanion,
  type ImageGrid,
  type InputSpec,
  inputGrid,
  type PreprocessingStep,
  readImageGrid,
  readImageHeader,
  refusedImages,
  type Template,
} from "@voxplain/caps-io";
import { isVoxplainError } from "@voxplain/core";
import { fileAt } from "@voxplain/study/node";

/** The grids of the images, from the headers of their files. */
export interface ImageGrids {
  /** In the order of the images. */
  readonly grids: readonly ImageGrid[];
  readonly warnings: readonly string[];
}

/**
 * The grids of the inputs that are made of images, from the headers of their files.
 * @throws VoxplainError naming each file that does not fit the network or the template, or whose affine cannot be used.
 */
export async function readInputGrids(
  paths: readonly string[],
  { spec, steps, template }: InputSettings,
): Promise<ImageGrids> {
  const warnings: string[] = [];
  const read = async (path: string): Promise<ImageGrid> => {
    const { source, below } = fileAt(path, "image");
    const name = `${source.name}/${below}`;
    try {
      const header = await readImageHeader(source, below);
      warnings.push(...header.warnings);
      return inputGrid(header, spec, steps);
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      return { name, problem: error };
    }
  };
  const grids = await Promise.all(paths.map(read));
  const { refused, warnings: ofGrids } = checkCohort(grids, {
    result: "maps",
    ...(template && { template }),
  });
  if (refused.size > 0) throw refusedImages([...refused.values()], paths.length, "images");
  return { grids, warnings: [...warnings, ...ofGrids] };
}

/** The grid of an image or an atlas from its header; only NIfTI files have one. */
export function gridOfFile(path: string) {
  const { source, below } = fileAt(path, "image");
  return readImageGrid(source, below);
}

/** How images become inputs. */
export interface InputSettings {
  readonly spec: InputSpec;
  readonly steps: readonly PreprocessingStep[];
  readonly template: Template | undefined;
}

/** Atlases and images that the images are compared with. */
export interface Companions {
  add(companion: Companion): void;
  /** @returns Warnings. @throws VoxplainError `mismatch` with both affines where one is on another grid. */
  check(images: readonly ImageGrid[]): readonly string[];
}

export function companions(): Companions {
  const known = new Map<string, Companion>();
  return {
    add: (companion) => void known.set(companion.name, companion),
    check(images) {
      const found = [...known.values()].flatMap((companion) => checkCompanion(companion, images));
      return found.length > 1 ? [`${found[0]} (and ${found.length - 1} more)`] : found;
    },
  };
}
