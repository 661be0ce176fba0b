import { createHash } from "node:crypto";
import { basename, join, resolve } from "node:path";
import type { FilePlace, RegionShape } from "@voxplain/caps-io";
import { checkTaskName, type ResultName, taskFolder } from "@voxplain/results";
import {
  findNetworks,
  type Model,
  type NetworkChoice,
  type Plan,
  type ProblemList,
  plan,
  type Request,
  type Target,
  type Task,
} from "@voxplain/study";
import { sha256OfFile } from "@voxplain/study/node";
import { checkImagesOptions } from "./check-images-options.ts";
import type { DataOptions } from "./data-options.ts";
import { refuseOther } from "./older-result.ts";
import { defaultOutput, openJobModel } from "./open-model.ts";
import { type JobData, placeCohort, type SessionsOf } from "./place-cohort.ts";
import { digestOf } from "./recorded-task.ts";

/** Everything that is known of a job before the first image is read. */
export interface Job {
  readonly plan: Plan;
  readonly tasks: readonly JobTask[];
}

/** A job over a cohort that a model folder or its options name. */
export interface CohortJob extends Job {
  readonly data: JobData;
  readonly depends: Dependencies;
  /** What is explained, as it was given or chosen; undefined for predictions. */
  readonly target: Target | undefined;
}

/** What a result depends on beside its networks, its options and the images themselves. */
export interface Dependencies {
  /** The digest of each file that options name, by its path as it was typed. */
  readonly files: ReadonlyMap<string, string>;
  /** Digests of the template, of the masks of regions and of what a method compares images with. */
  readonly others: Readonly<Record<string, string>>;
}

/** One network, or one for each part, and where its result is written. */
export interface JobTask {
  readonly task: Task;
  /** Such as "fold 0, best_loss". */
  readonly title: string;
  readonly outputPath: string;
}

/** What a command wants of a cohort. */
export interface Wanted extends ResultName, SessionsOf {
  /** What is explained of the sessions of a CAPS; undefined for predictions. @throws VoxplainError where nothing says it. */
  readonly target?: (model: Model) => Target | undefined;
  readonly request: Request;
  /** The image whose affine the maps get. */
  readonly template?: FilePlace | undefined;
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
  checkImagesOptions(options, problems);
  const model = await openJobModel(options, problems);
  if (model === undefined || (model.kind === "onnx-file" && options.images === undefined)) {
    problems.throwAny();
    throw new RangeError("a problem was thrown");
  }
  const outputRoot = resolve(options.output_dir ?? defaultOutput(options));
  const pathOf = (network: NetworkChoice) => join(outputRoot, taskFolder(network, wanted));
  const query = { folds: options.folds, selections: options.selection };
  for (const network of await findNetworks(model, query, problems)) {
    if (!options.resume) await problems.attempt(() => refuseOther(pathOf(network), options.overwrite));
  }
  const { model: labelled, cohort, data, chosen } = await placeCohort(model, options, wanted);
  const target =
    options.images === undefined ? await problems.attempt(() => wanted.target?.(model)) : chosen?.target;
  const opened = new Map<string, FilePlace>();
  const { openFile } = wanted.request;
  const request = {
    ...wanted.request,
    ...(openFile && {
      openFile(path: string) {
        const place = openFile(path);
        opened.set(path, place);
        return place;
      },
    }),
    ...query,
    ...(target !== undefined && { target }),
    voting: options.voting,
    onError: options.on_error,
    batchSize: options.batch_size,
    readAhead: options.nproc,
  };
  const planned = await problems.attempt(() => plan(labelled, cohort, request));
  problems.throwAny();
  if (planned === undefined || data === undefined) throw new RangeError("a problem was thrown");
  const tasks = planned.tasks.map((task) => ({
    task,
    title: titleOf(task.network, options.model_path),
    outputPath: pathOf(task.network),
  }));
  const depends = await dependsOn(planned, opened, wanted.template);
  return { plan: planned, data, depends, target, tasks };
}

async function dependsOn(
  { model, cohort, tasks }: Plan,
  opened: ReadonlyMap<string, FilePlace>,
  template: FilePlace | undefined,
): Promise<Dependencies> {
  const files = new Map<string, string>();
  for (const [path, { source, below }] of opened) files.set(path, await sha256OfFile(source, below));
  const others: Record<string, string> = {};
  if (template) others.template = await sha256OfFile(template.source, template.below);
  for (const { method, images, network } of tasks) {
    const { regions } = images[0] ?? {};
    if (regions !== undefined) others.masks = digestOf(regions.map(maskDigest));
    const references = method?.options.references;
    const name = `references of fold ${network.fold ?? 0}`;
    if (typeof references !== "string" || others[name] !== undefined) continue;
    const { found } = await cohort.locate(await cohort.others(references, network.fold), model);
    const digests: string[] = [];
    for (const { source, files: filesOf } of found) {
      for (const file of await filesOf()) digests.push(await sha256OfFile(source, file));
    }
    others[name] = digestOf(digests);
  }
  return { files, others };
}

function maskDigest({ name, mask: { start, size, inBox } }: RegionShape) {
  return { name, start, size, inBox: createHash("sha256").update(inBox).digest("hex") };
}

/** "fold 0, best_loss"; an ONNX file has neither. */
function titleOf({ foldName, selection }: NetworkChoice, path: string): string {
  return foldName === undefined ? basename(path) : `${foldName.replace("-", " ")}, ${selection}`;
}

/** The selection as the user wrote it; by default, as the folder calls it. */
function typedSelection(model: Model, { fold, selection }: NetworkChoice, options: DataOptions) {
  const means = (typed: string) => {
    const [chosen] = model.choose({ selections: [typed], ...(fold !== undefined && { folds: [fold] }) });
    return chosen?.selection === selection;
  };
  return options.selection?.find(means) ?? selection;
}

/** Options after resolution that every command records. */
export function resolvedData(
  { plan: { model }, data }: CohortJob,
  { task: { network } }: JobTask,
  options: DataOptions,
): Record<string, unknown> {
  const { preparation } = model.input;
  return {
    model_path: model.kind === "onnx-file" ? resolve(options.model_path) : model.source.name,
    selection: network.selection === undefined ? null : [typedSelection(model, network, options)],
    folds: network.fold === undefined ? null : [network.fold],
    caps_dir: data.capsPath,
    tsv_path: data.labelPath,
    ...(data.group !== null && { data_group: data.group }),
    ...(model.labels && { label: options.label ?? model.labels.column }),
    ...(data.imagesPath !== null && { images: data.imagesPath }),
    multi_cohort: data.severalCohorts,
    output_dir: options.output_dir === undefined ? null : resolve(options.output_dir),
    threads: options.threads ?? null,
    device: options.device ?? null,
    no_kernel: options.no_kernel ?? false,
    mode: model.parts.mode,
    ...(preparation.kind === "caps" && {
      preprocessing: preparation.images.preprocessing,
      unnormalize: !preparation.normalize,
    }),
  };
}
