import {
  type CohortUse,
  checkCohort,
  type ImageGrid,
  type LocatedImage,
  readSessionGrids,
  refusedImages,
  type SessionFailure,
} from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";

/** Images that can be used together, as far as their headers show. */
export interface CheckedImages {
  readonly images: readonly LocatedImage[];
  /** In the order of `images`. */
  readonly grids: readonly ImageGrid[];
  readonly refused: readonly SessionFailure[];
  /** Whether a template would do instead of an affine that is broken. */
  readonly needTemplate: boolean;
  readonly warnings: readonly string[];
}

/** Reads the headers of a cohort and refuses the images that do not fit together. */
export async function checkGrids(located: readonly LocatedImage[], use: CohortUse): Promise<CheckedImages> {
  const grids = await readSessionGrids(located);
  const { refused, warnings } = checkCohort(grids, use);
  return {
    images: located.filter((_, index) => !refused.has(index)),
    grids: grids.filter((_, index) => !refused.has(index)),
    refused: located.flatMap(({ session }, index) => {
      const error = refused.get(index);
      return error === undefined ? [] : [{ session, error }];
    }),
    needTemplate:
      use.template === undefined &&
      grids.some(({ problem, affineError }, k) => refused.has(k) && !problem && affineError !== undefined),
    warnings,
  };
}

/** One error for the images that were refused; names the option that gives another affine. */
export function refusedSessions({ refused, needTemplate }: CheckedImages, count: number): VoxplainError {
  const error = refusedImages(
    refused.map((failure) => failure.error),
    count,
    "sessions",
  );
  if (!needTemplate) return error;
  return new VoxplainError(
    error.code,
    `${error.message}; or give a template whose affine the maps get (--nifti_template_path <image>)`,
    { cause: error },
  );
}
