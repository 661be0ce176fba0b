import {
  type CohortUse,
  checkCohort,
  type ImageGrid,
  type LocatedImage,
  readSessionGrids,
  type SessionFailure,
} from "@voxplain/caps-io";
import { errorAt, VoxplainError } from "@voxplain/core";

/** Images that can be used together, as far as their headers show. */
export interface CheckedImages {
  readonly images: readonly LocatedImage[];
  /** In the order of `images`. */
  readonly grids: readonly ImageGrid[];
  readonly refused: readonly SessionFailure[];
  readonly warnings: readonly string[];
}

/** What is to be made of the images, and which grid they have to be on. */
export interface GridUse extends CohortUse {
  /** Gives those that are on another grid a `problem`. Default: any grid will do. */
  readonly onGrid?: (grids: readonly ImageGrid[]) => Promise<readonly ImageGrid[]>;
}

/** Reads the headers of a cohort and refuses the images that do not fit together. */
export async function checkGrids(
  located: readonly LocatedImage[],
  { onGrid = async (grids) => grids, ...use }: GridUse,
): Promise<CheckedImages> {
  const grids = await onGrid(await readSessionGrids(located));
  const { refused, warnings } = checkCohort(grids, use);
  return {
    images: located.filter((_, index) => !refused.has(index)),
    grids: grids.filter((_, index) => !refused.has(index)),
    refused: located.flatMap(({ session }, index) => {
      const error = refused.get(index);
      if (error === undefined) return [];
      const { problem, affineError } = grids[index] ?? {};
      const isBroken = problem === undefined && affineError !== undefined && use.template === undefined;
      const named = session.participantId === "" ? error : errorAt(error, { session: session.name });
      return [{ session, error: isBroken ? orTemplate(named) : named }];
    }),
    warnings,
  };
}

/** Names the option that gives another affine than the broken one. */
function orTemplate({ code, problem, hint, ...fields }: VoxplainError): VoxplainError {
  const instead = "give a template whose affine the maps get (--nifti_template_path <image>)";
  return new VoxplainError(code, problem, {
    ...fields,
    hint: hint === undefined ? instead : `${hint}, or ${instead}`,
  });
}
