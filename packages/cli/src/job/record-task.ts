import type { ModelRuntime } from "@voxplain/core";
import type { Model } from "@voxplain/study";
import { packageVersions } from "../installed-packages.ts";
import type { CohortJob, JobTask } from "./prepare.ts";
import { digestOf, type RecordedTask } from "./recorded-task.ts";
import { splitOptionNames } from "./split-options.ts";

/** Options that say where and how fast, not what. */
const ofNoResult: readonly string[] = [
  ...["output_dir", "overwrite", "verbose", "nproc", "threads", "model_path", "on_error", "use_cpu", "name"],
];

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
      ...{ command, ...without(options, ofNoResult) },
      list: digestOf(task.sessions),
      labels: digestOf([...task.trueLabels.values()]),
      voting: task.voting instanceof Map ? digestOf([...task.voting]) : digestOf(task.voting ?? null),
      inputs: task.groups.map(({ inputDims }) => inputDims ?? null),
      ...{ runtime: version, provider: executionProvider, packages: packageVersions(), files: depends },
    },
  };
}

function without(
  record: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
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
