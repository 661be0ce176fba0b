import type { ImageGrid, LocatedImage, Session, SessionFailure } from "@voxplain/caps-io";
import { elementAt } from "@voxplain/core";
import type { Cohort, SessionList } from "../cohort/cohort.ts";
import type { Model, NetworkChoice } from "../model/model.ts";
import type { ProblemList } from "../problems.ts";
import { checkGrids } from "./check-grids.ts";
import { onExpectedGrid } from "./expected-grid.ts";
import { failuresByKind } from "./failures-by-kind.ts";
import { withFittingShapes } from "./fitting-shapes.ts";
import { withOnePartSize } from "./one-part-size.ts";
import type { Request } from "./request.ts";
import { withTrainedPartCount } from "./trained-part-count.ts";
import { trueLabelsOf } from "./true-labels.ts";

/** The images that the networks of a fold share. */
export interface CohortImages extends Pick<SessionList, "columns"> {
  readonly trueLabels: ReadonlyMap<Session, number>;
  readonly images: readonly LocatedImage[];
  readonly grids: readonly ImageGrid[];
  readonly missing: readonly SessionFailure[];
  /** The whole list, whatever is wrong with an image. */
  readonly sessions: readonly Session[];
  readonly partCount: number | undefined;
  readonly warnings: readonly string[];
}

/** Whose images they are. */
interface FoldOf {
  readonly fold: number | undefined;
  /** One of its networks; undefined where none was found. */
  readonly network: NetworkChoice | undefined;
}

/** Finds the images of a fold and checks their headers; what is wrong with them is added to the problems. */
export async function findImages(
  model: Model,
  cohort: Cohort,
  { fold, network }: FoldOf,
  request: Request,
  problems: ProblemList,
): Promise<CohortImages> {
  const { result = "maps", template, onError = "stop" } = request;
  const { preparation } = model.input;
  const list = await cohort.list(fold);
  for (const problem of list.problems ?? []) problems.add(problem);
  const seen = await seenSentence(model, list.sessions);
  const labels = await problems.attempt(() => trueLabelsOf(model, list, request));
  const { found, failures } = await cohort.locate(list.sessions, model);
  const unchecked: string[] = [];
  const { images, grids, refused, warnings } = await checkGrids(found, {
    result,
    ...(template && { template }),
    onGrid: async (grids) => {
      const { fileOf } = cohort;
      if (fileOf === undefined) {
        return withFittingShapes(model, network, withOnePartSize(model, withTrainedPartCount(model, grids)));
      }
      const file = (index: number) => fileOf(elementAt(found, index).session);
      const at = { fileOf: file, warn: (text: string) => unchecked.push(text) };
      return withOnePartSize(model, await onExpectedGrid(model, network, grids, at));
    },
    sameParts: preparation.kind === "caps" && preparation.images.generation === "1.x",
  });
  const missing = [...failures, ...refused];
  if (onError === "stop" || images.length === 0) {
    for (const problem of failuresByKind(missing, list.sessions.length)) problems.add(problem);
  }
  return {
    columns: list.columns,
    trueLabels: labels?.trueLabels ?? new Map(),
    ...{ images, grids, missing, sessions: list.sessions },
    warnings: [...(list.notes ?? []), ...seen, ...(labels?.warnings ?? []), ...warnings, ...unchecked],
    partCount: partCountOf(model, grids),
  };
}

/** What the network knows it does better with than with others. */
async function seenSentence(model: Model, sessions: readonly Session[]): Promise<readonly string[]> {
  const seen = await model.seenParticipants();
  const count = sessions.filter(({ participantId }) => seen?.has(participantId)).length;
  if (count === 0) return [];
  return [
    `${count} of ${sessions.length} sessions are of participants that the networks saw in training or validation: what ` +
      "they do with them does not show how good they are with others",
  ];
}

/** The number of parts of images that all have as many. */
function partCountOf({ parts }: Model, [first, ...others]: readonly ImageGrid[]): number | undefined {
  if (parts.mode === "image") return 1;
  return others.every((grid) => grid.parts === first?.parts) ? first?.parts : undefined;
}
