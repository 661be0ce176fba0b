import type { Session } from "@voxplain/caps-io";
import type { ModelRuntime } from "@voxplain/core";
import type { Model } from "@voxplain/study";
import { packageVersions } from "../installed-packages.ts";
import type { CohortJob, JobTask } from "./prepare.ts";
import { digestOf, type RecordedTask } from "./recorded-task.ts";
import { splitOptionNames } from "./split-options.ts";

/** Options that say where and how fast, not what: what is there is hashed. */
const ofNoResult: readonly string[] = [
  ...["output_dir", "overwrite", "verbose", "nproc", "threads", "on_error", "use_cpu", "device", "name"],
  ...["model_path", "caps_dir", "tsv_path", "images", "masks", "nifti_template_path"],
];
/** Columns of a table of images with paths. */
const pathColumns = ["image", "path"];

/** What a command knows of a task. */
export interface TaskFacts extends Pick<RecordedTask, "command" | "name" | "vmax"> {
  /** Every option after resolution, under the old program's names where they exist. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Everything about a task that its end needs, as data. */
export function recordTask(
  { plan: { model, request, cohort }, data, depends }: CohortJob,
  { task, title }: JobTask,
  runtime: ModelRuntime & { readonly threads: number | undefined },
  { command, name, vmax, options: given }: TaskFacts,
): RecordedTask {
  const options = without(given, splitOptionNames);
  const { result, throughNormalization, keepTrue } = request;
  const { version, executionProvider, threads } = runtime;
  return {
    ...{ command, title, name, options, vmax, severalCohorts: data.severalCohorts },
    model: recordedModel(model),
    request: {
      ...(result !== undefined && { result }),
      ...(throughNormalization !== undefined && { throughNormalization }),
      ...(keepTrue !== undefined && { keepTrue }),
    },
    ...{ columns: task.columns, sessions: task.sessions, warnings: task.warnings },
    hasTrueLabels: task.trueLabels.size > 0,
    diagnoses: cohort.diagnoses,
    seed: task.method?.seed ?? null,
    ...{ runtime: { version, executionProvider }, threads },
    depends: {
      ...{ command, ...withDigests(without(options, ofNoResult), depends.files) },
      list: digestOf(data.imagesPath === null ? task.sessions : task.sessions.map(withoutPaths)),
      labels: digestOf([...task.trueLabels.values()]),
      votes: task.voting instanceof Map ? digestOf([...task.voting]) : digestOf(task.voting ?? null),
      // Elsewhere each image has its own.
      ...(result === "mean" && { size: task.groups[0]?.inputDims ?? null }),
      ...{ runtime: version, provider: executionProvider, packages: packageVersions(), ...depends.others },
    },
  };
}

function without(
  record: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

/** Options in which the paths of files are what these hold. */
function withDigests(
  options: Readonly<Record<string, unknown>>,
  files: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> {
  const of = (value: unknown): unknown => {
    if (typeof value === "string") return files.get(value) ?? value;
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? withDigests(value as Readonly<Record<string, unknown>>, files)
      : value;
  };
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, of(value)]));
}

function withoutPaths({ row, ...session }: Session): Session {
  return { ...session, row: without(row, pathColumns) as Session["row"] };
}

function recordedModel({ name, parts, task, classes, labels }: Model): RecordedTask["model"] {
  return {
    ...{ name, parts, task, classes },
    ...(labels && {
      labels: {
        column: labels.column,
        nodes: [...labels.nodes],
        ...(labels.positive !== undefined && { positive: labels.positive }),
      },
    }),
  };
}
