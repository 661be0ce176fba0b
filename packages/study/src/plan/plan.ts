import { join, resolve } from "node:path";
import {
  type CohortUse,
  checkPreprocessing,
  classOfDiagnosis,
  diagnosisClasses,
  type ImageGrid,
  type LocatedImage,
  locateSessions,
  missingSessions,
  type PartSettings,
  type Preprocessing,
  type Session,
  type SessionFailure,
} from "@voxplain/caps-io";
import { VoxplainError } from "@voxplain/core";
import { findSelection, type ModelFolder, openModelFolder } from "@voxplain/model-loader";
import type { Voting } from "@voxplain/study";
import { openModel } from "@voxplain/study";
import { modelAt } from "@voxplain/study/node";
import { checkGrids, refusedSessions } from "./check-grids.ts";
import { type Cohort, placeCohort, readCohort, readUnlabelledCohort } from "./cohort.ts";
import type { DataOptions } from "./data-options.ts";
import { refuseExisting } from "./result-folder.ts";

/** Everything that is known of a job before the first image is read. */
export interface Job {
  readonly folder: ModelFolder;
  readonly preprocessing: Preprocessing;
  readonly settings: PartSettings;
  readonly capsPath: string;
  readonly labelPath: string;
  readonly severalCohorts: boolean;
  /** Of the sessions; undefined where they are not known. */
  readonly diagnoses: readonly string[] | undefined;
  readonly tasks: readonly Task[];
}

/** One fold and selection: one network (or one per part), one result. */
export interface Task {
  readonly fold: number;
  readonly selection: string;
  /** Columns of the label list, in their order. */
  readonly columns: readonly string[];
  readonly sessions: readonly LocatedImage[];
  /** Of the sessions, in their order, from the headers of their files. */
  readonly grids: readonly ImageGrid[];
  /** Sentences about those grids. */
  readonly warnings: readonly string[];
  /** Empty where diagnoses are not known. */
  readonly trueClasses: ReadonlyMap<Session, number>;
  /** Sessions that are not in the CAPS, or whose grid does not fit the others. */
  readonly missing: readonly SessionFailure[];
  /** Absent for whole images. */
  readonly voting?: Voting;
  readonly outputPath: string;
}

/**
 * Looks at the model, the labels and the images, and settles every option.
 * @param diagnoses - Their sessions are used, in this order.
 * @param result - Folders below fold-<i>, and above and below the selection: ["gradients", name].
 * @param use - What is made of the images: decides which grids they may have.
 * @param unlabelled - Whether a TSV without a column `diagnosis` will do: all its sessions are used then.
 * @throws VoxplainError before anything is computed or written, for whatever can be known by then.
 */
export async function planJob(
  options: DataOptions,
  diagnoses: (folder: ModelFolder) => readonly string[],
  result: readonly [string, string],
  { use, unlabelled = false }: { readonly use: CohortUse; readonly unlabelled?: boolean },
): Promise<Job> {
  checkName(result[1]);
  const folder = await openModelFolder(modelAt(options.model_path).source);
  checkNetworkType(folder);
  const folds = new Set(options.folds ?? folder.folds.map(({ index }) => index));
  const selections = [...new Set(options.selection)];
  const outputRoot = resolve(options.output_dir ?? options.model_path);
  const outputPath = (fold: number, selection: string) =>
    join(outputRoot, `fold-${fold}`, result[0], selection, result[1]);
  const votings = new Map<string, Voting>();
  const model = await openModel(modelAt(options.model_path));
  const settings = model.parts;
  for (const fold of folds) {
    for (const selection of selections) {
      findSelection(folder, fold, selection);
      const path = outputPath(fold, selection);
      refuseExisting(path, options.overwrite);
      if (settings.mode === "image") continue;
      const uniform = options.voting === "uniform";
      votings.set(path, uniform ? "uniform" : await model.votingWeights({ fold, selection }));
    }
  }

  const place = placeCohort(folder, options);
  const preprocessing = checkPreprocessing(folder.settings.preprocessing);
  const withoutLabels = unlabelled ? await readUnlabelledCohort(place) : undefined;
  const chosen = withoutLabels === undefined ? diagnoses(folder) : undefined;
  const tasks: Task[] = [];
  // The networks of a fold share its list and its images.
  for (const fold of folds) {
    const cohorts: Cohort[] = withoutLabels ? [withoutLabels] : [];
    const trueClasses = new Map<Session, number>();
    for (const diagnosis of chosen ?? []) {
      const cohort = await readCohort(place, folder, fold, { diagnosis, baseline: options.baseline });
      const listed = classOfDiagnosis(diagnosis);
      for (const session of cohort.sessions) trueClasses.set(session, ownClass(session) ?? listed);
      cohorts.push(cohort);
    }
    const capsOf = new Map(
      cohorts.flatMap((cohort) => cohort.sessions.map((session) => [session, cohort] as const)),
    );
    const sessions = [...capsOf.keys()];
    const { found, failures } = await locateSessions(sessions, {
      preprocessing,
      settings,
      capsOf: (session) => capsOf.get(session)!.capsOf(session),
    });
    if (failures.length > 0 && (options.on_error === "stop" || found.length === 0)) {
      throw missingSessions(failures, sessions.length);
    }
    const checked = await checkGrids(found, use);
    const { refused } = checked;
    if (refused.length > 0 && (options.on_error === "stop" || checked.sessions.length === 0)) {
      throw refusedSessions(checked, found.length);
    }
    const columns = [...new Set(cohorts.flatMap((cohort) => cohort.columns))];
    for (const selection of selections) {
      const path = outputPath(fold, selection);
      const voting = votings.get(path);
      tasks.push({
        ...{ fold, selection, columns, trueClasses },
        ...{ sessions: checked.sessions, grids: checked.grids, warnings: checked.warnings },
        ...{ missing: [...failures, ...refused], outputPath: path },
        ...(voting && { voting }),
      });
    }
  }
  const { capsPath, labelPath, several } = place;
  const known = { folder, preprocessing, settings, capsPath, labelPath, severalCohorts: several };
  return { ...known, diagnoses: chosen, tasks };
}

/** A row may tell a diagnosis of its own, such as an sMCI in the list of MCI; other words say no more than the list. */
function ownClass({ diagnosis }: Session): number | undefined {
  return Object.hasOwn(diagnosisClasses, diagnosis) ? diagnosisClasses[diagnosis] : undefined;
}

/** The name becomes a folder: it may not lead elsewhere. */
function checkName(name: string): void {
  if (!/^[^/\\\0]+$/.test(name) || name === "." || name === "..") {
    throw new VoxplainError(
      "invalid-argument",
      `"${name}" cannot be the name of a task: it becomes the name of a folder`,
    );
  }
}

function checkNetworkType({ settings, source }: ModelFolder): void {
  if (settings.networkType !== "autoencoder") return;
  throw new VoxplainError(
    "unsupported",
    `${source.name}: the model is an autoencoder. It gives an image back instead of the logits of classes, ` +
      "so there is no class whose evidence could be shown",
  );
}
