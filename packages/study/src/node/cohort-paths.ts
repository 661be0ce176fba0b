import type { CohortSource, ListedSessions } from "../cohort/open-cohort.ts";

/** Where images and labels are, as a user gives them. */
export interface CohortPaths extends Omit<ListedSessions, "splitCount"> {
  /** The CAPS folder, or a table of several; default: that of the training. */
  readonly caps?: string | undefined;
  /** The folder of label lists, one table, or a table of several cohorts; default: the lists of the training. */
  readonly labels?: string | undefined;
  /** A data group that the model's folder lists, in the place of `labels`. Default: "train", where the folder has it. */
  readonly group?: string | undefined;
  /** Whether the given paths are tables of several cohorts. Default: false; the training's own are as it took them. */
  readonly severalCohorts?: boolean | undefined;
  /** Whether a single table or a data group without a column "diagnosis" will do: all its sessions are used. Default: false. */
  readonly unlabelled?: boolean | undefined;
}

/** A cohort whose paths are settled. */
export interface PlacedCohort {
  /** For `openCohort`. */
  readonly source: CohortSource;
  /** Absolute. */
  readonly capsPath: string;
  /** Absolute; undefined for lists of the model's own folder. */
  readonly labelPath?: string;
  /** The data group of the model's own folder that was taken. */
  readonly group?: string;
  /** Whether they are tables of several cohorts. */
  readonly severalCohorts: boolean;
}
