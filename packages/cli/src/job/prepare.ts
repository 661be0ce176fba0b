import { join, resolve } from "node:path";
import { isVoxplainError, VoxplainError } from "@voxplain/core";
import { refuseExisting } from "@voxplain/core/node";
import { checkTaskName, type ResultName, taskFolder } from "@voxplain/results";
import {
  type Cohort,
  findNetworks,
  type Model,
  type NetworkChoice,
  openCohort,
  openModel,
  type Plan,
  type ProblemList,
  plan,
  type Request,
  type Task,
  unopenedCohort,
} from "@voxplain/study";
import { cohortAt, modelAt, type PlacedCohort } from "@voxplain/study/node";
import type { DataOptions } from "./data-options.ts";

/** Everything that is known of a job before the first image is read. */
export interface Job {
  readonly plan: Plan;
  readonly tasks: readonly JobTask[];
}

/** A job over a cohort that a model folder or its options name. */
export interface CohortJob extends Job {
  readonly placed: PlacedCohort;
}

/** One network, or one for each part, and where its result is written. */
export interface JobTask {
  readonly task: Task;
  /** Such as "fold 0, best_loss". */
  readonly title: string;
  readonly outputPath: string;
}

/** What a command wants of a cohort. */
export interface Wanted extends ResultName {
  /** Their sessions are used, in this order. */
  readonly diagnoses: (model: Model) => readonly string[];
  /** Whether a table without a column "diagnosis" will do: all its sessions are used then. */
  readonly unlabelled?: boolean;
  readonly request: Request;
  /** What else the command has found to be wrong. */
  readonly problems: ProblemList;
}

/**
 * Looks at the model, the labels and the images, and settles every option.
 * @throws VoxplainError before anything is computed or written, with all problems that can be known by then.
 */
export async function prepareJob(options: DataOptions, wanted: Wanted): Promise<CohortJob> {
  const { problems } = wanted;
  await problems.attempt(() => checkTaskName(wanted.name));
  const model = await problems.attempt(() => openFolds(options.model_path));
  if (model === undefined) {
    problems.throwAny();
    throw new RangeError("a problem was thrown");
  }
  const outputRoot = resolve(options.output_dir ?? options.model_path);
  const pathOf = (network: NetworkChoice) => join(outputRoot, taskFolder(network, wanted));
  const query = { folds: options.folds, selections: options.selection };
  for (const network of await findNetworks(model, query, problems)) {
    await problems.attempt(() => refuseExisting(pathOf(network), options.overwrite));
  }
  const placed = await openPlaced(model, options, wanted);
  const request = {
    ...wanted.request,
    ...query,
    voting: options.voting,
    onError: options.on_error,
    batchSize: options.batch_size,
    readAhead: options.nproc,
  };
  const planned = await problems.attempt(() => plan(model, placed.cohort, request));
  problems.throwAny();
  if (planned === undefined || placed.at === undefined) throw new RangeError("a problem was thrown");
  const tasks = planned.tasks.map((task) => ({
    task,
    title: titleOf(task.network),
    outputPath: pathOf(task.network),
  }));
  return { plan: planned, placed: placed.at, tasks };
}

/** "fold 0, best_loss" */
function titleOf({ foldName = "", selection }: NetworkChoice): string {
  return `${foldName.replace("-", " ")}, ${selection}`;
}

/** Results are written by fold: an ONNX file has none. */
async function openFolds(path: string): Promise<Model> {
  const model = await openModel(modelAt(path));
  if (model.networks.every(({ fold }) => fold !== undefined)) return model;
  throw new VoxplainError("unsupported", "it is no model folder with folds", {
    file: model.name,
    hint: "images are explained with the network of an ONNX file by voxplain explain",
  });
}

async function openPlaced(
  model: Model,
  options: DataOptions,
  { diagnoses, unlabelled }: Wanted,
): Promise<{ readonly at?: PlacedCohort; readonly cohort: Cohort }> {
  try {
    const at = await cohortAt(model, {
      caps: options.caps_dir,
      labels: options.tsv_path,
      severalCohorts: options.multi_cohort,
      baseline: options.baseline,
      diagnoses: [...new Set(diagnoses(model))],
      unlabelled,
    });
    const cohort = await openCohort(at.source);
    if (cohort.diagnoses?.length === 0) throw unknownDiagnoses(model);
    return { at, cohort };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { cohort: unopenedCohort(error) };
  }
}

function unknownDiagnoses({ training, name }: Model): VoxplainError {
  return new VoxplainError("not-found", "it does not say which diagnoses were used", {
    file: training?.file ?? name,
    hint: "give them (--diagnoses)",
  });
}

/** Options after resolution that every command records. */
export function resolvedData(
  { plan: { model }, placed }: CohortJob,
  { task: { network } }: JobTask,
  options: DataOptions,
): Record<string, unknown> {
  const { preparation } = model.input;
  return {
    model_path: model.source.name,
    selection: [network.selection],
    folds: [network.fold],
    caps_dir: placed.capsPath,
    tsv_path: placed.labelPath,
    multi_cohort: placed.severalCohorts,
    output_dir: options.output_dir === undefined ? null : resolve(options.output_dir),
    threads: options.threads ?? null,
    device: options.device ?? null,
    mode: model.parts.mode,
    ...(preparation.kind === "caps" && {
      preprocessing: preparation.images.preprocessing,
      unnormalize: !preparation.normalize,
    }),
  };
}
