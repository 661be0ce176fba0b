import type { LocatedSessions, Session } from "@voxplain/caps-io";
import type { VoxplainError } from "@voxplain/core";
import type { Model } from "../model/model.ts";

/** The sessions of a cohort, in the order of its lists. */
export interface SessionList {
  /** Columns of the label lists, in their order. */
  readonly columns: readonly string[];
  /** Who is in it. */
  readonly sessions: readonly Session[];
  /** The diagnosis of the list that names a session; undefined where no list is of a diagnosis. */
  readonly listed?: ReadonlyMap<Session, string>;
  /** Whether `diagnosis` of a session is the value of the column that the model's labels are in, whatever it is called. */
  readonly isLabelled?: boolean;
  /** Sentences about the list. Default: none. */
  readonly notes?: readonly string[];
  /** What is wrong with the list itself: it cannot be used, whatever is skipped. Default: nothing. */
  readonly problems?: readonly VoxplainError[];
}

/** Images that are explained together, whatever lists and folders they came from. */
export interface Cohort {
  /** The diagnoses that they were chosen by: none where all were taken; undefined where no diagnosis is known. */
  readonly diagnoses: readonly string[] | undefined;
  /** The data group of the model's own folder whose list this is: "train"; undefined for every other list. */
  readonly group?: string;
  /**
   * The file of the image of a session, for messages: set where images are named one by one and may be of any pipeline, so
   * that a plan refuses those on another grid than the images of the training.
   */
  readonly fileOf?: (session: Session) => string | undefined;
  /**
   * The sessions.
   * @param fold - Lists of a training differ by fold.
   * @throws VoxplainError as the readers of label lists.
   */
  list(fold: number | undefined): Promise<SessionList>;
  /**
   * Other sessions of the same lists, to compare with.
   * @throws VoxplainError `not-found` where there are none of this diagnosis.
   */
  others(diagnosis: string, fold: number | undefined): Promise<readonly Session[]>;
  /**
   * Finds the files that a model needs of each session.
   * @throws VoxplainError for what concerns every session; what concerns one is among the `failures`.
   */
  locate(sessions: readonly Session[], model: Model): Promise<LocatedSessions>;
}
