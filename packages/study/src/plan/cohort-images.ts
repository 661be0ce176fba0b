import {
  countParts,
  type ImageGrid,
  type LocatedImage,
  missingSessions,
  type Session,
  type SessionFailure,
} from "@voxplain/caps-io";
import type { Cohort, SessionList } from "../cohort/cohort.ts";
import type { Model } from "../model/model.ts";
import type { ProblemList } from "../problems.ts";
import { checkGrids, refusedSessions } from "./check-grids.ts";
import type { Request } from "./request.ts";
import { trueLabelsOf } from "./true-labels.ts";

/** The images that the networks of a fold share. */
export interface CohortImages extends Pick<SessionList, "columns"> {
  readonly trueLabels: ReadonlyMap<Session, number>;
  readonly images: readonly LocatedImage[];
  readonly grids: readonly ImageGrid[];
  readonly missing: readonly SessionFailure[];
  readonly partCount: number | undefined;
  readonly warnings: readonly string[];
}

/** Finds the images of a fold and checks their headers; what is wrong with them is added to the problems. */
export async function findImages(
  model: Model,
  cohort: Cohort,
  fold: number | undefined,
  request: Request,
  problems: ProblemList,
): Promise<CohortImages> {
  const { result = "maps", template, onError = "stop" } = request;
  const list = await cohort.list(fold);
  const labels = await problems.attempt(() => trueLabelsOf(model, list, request));
  const { found, failures } = await cohort.locate(list.sessions, model);
  if (failures.length > 0 && (onError === "stop" || found.length === 0)) {
    problems.add(missingSessions(failures, list.sessions.length));
  }
  const checked = await checkGrids(found, { result, ...(template && { template }) });
  const { images, grids, refused, warnings } = checked;
  if (refused.length > 0 && (onError === "stop" || images.length === 0)) {
    problems.add(refusedSessions(checked, found.length));
  }
  return {
    columns: list.columns,
    trueLabels: labels?.trueLabels ?? new Map(),
    ...{ images, grids, warnings: [...(labels?.warnings ?? []), ...warnings] },
    missing: [...failures, ...refused],
    partCount: partCountOf(model, grids),
  };
}

/** Of images that have one size. */
function partCountOf({ parts }: Model, [first, ...others]: readonly ImageGrid[]): number | undefined {
  if (parts.mode === "image") return 1;
  const shape = first?.shape;
  if (shape === undefined || others.some((grid) => grid.shape?.join() !== shape.join())) return undefined;
  return shape.length === 3 ? countParts(parts, shape) : undefined;
}
