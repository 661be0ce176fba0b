import { createRequire } from "node:module";
import { arch, cpus, platform, release } from "node:os";
import type { ModelRuntime } from "@voxplain/core";
import type { TrainedModel } from "@voxplain/model-loader";
import { encodeJson, encodeProvenance, type InputProvenance } from "@voxplain/writers";
import type { Plan, Task } from "./plan.ts";
import type { RecordedFiles } from "./recorded-files.ts";

export interface TaskRecord {
  readonly plan: Plan;
  readonly task: Task;
  readonly runtime: ModelRuntime;
  readonly network: TrainedModel;
  readonly modelSha256: string;
  readonly inputs: readonly InputProvenance[];
  readonly warnings: readonly string[];
  readonly started: Date;
  /** Seconds by step. */
  readonly durations: Readonly<Record<string, number>>;
}

/** Writes what is needed to understand a result and to run the job again. */
export async function writeRecords(files: RecordedFiles, record: TaskRecord): Promise<void> {
  const { plan, task, runtime, network, modelSha256, inputs, warnings, started, durations } = record;
  const options = resolvedOptions(plan, task);
  await files.write("commandline.json", encodeJson(options));
  const [runtimeName = "", runtimeVersion = ""] = runtime.version.split(" ");
  const provenance = encodeProvenance({
    tool: { name: "voxplain", version: versionOf("cli") },
    packages: Object.fromEntries(packages.map((name) => [`@voxplain/${name}`, versionOf(name)])),
    command: plan.command,
    options,
    model: {
      file: `${plan.folder.source.name}/${network.file}`,
      sha256: modelSha256,
      architecture: network.architecture,
      fold: task.fold,
      selection: task.selection,
      epoch: network.epoch ?? null,
      parameters: network.parameterCount,
    },
    inputs,
    runtime: {
      name: runtimeName,
      version: runtimeVersion,
      provider: runtime.executionProvider,
      threads: plan.arguments.threads ?? null,
    },
    platform: {
      system: `${platform()} ${release()}`,
      architecture: arch(),
      processor: cpus()[0]?.model ?? "unknown",
      host: `node ${process.versions.node}`,
    },
    seed: null,
    started,
    finished: new Date(),
    durations,
    warnings,
    outputs: [...files.outputs],
  });
  await files.write("provenance.json", provenance);
}

/** Every option after resolution, under the old program's names where they exist. */
function resolvedOptions(plan: Plan, task: Task): Record<string, unknown> {
  const { level, keep_true, output_dir, threads, ...given } = plan.arguments;
  const { settings } = plan.folder;
  return {
    task: level,
    ...given,
    model_path: plan.folder.source.name,
    selection: [task.selection],
    folds: [task.fold],
    caps_dir: plan.caps.name,
    tsv_path: task.labelPath,
    target_diagnosis: plan.targetDiagnosis,
    keep_true: keep_true ?? null,
    nifti_template_path: plan.template?.path ?? null,
    output_dir: output_dir ?? null,
    threads: threads ?? null,
    mode: settings.mode,
    preprocessing: settings.preprocessing,
    unnormalize: !settings.normalize,
    version: versionOf("cli"),
  };
}

const packages = [
  "caps-io",
  "cli",
  "core",
  "model-loader",
  "onnx-autodiff",
  "onnx-graph",
  "runtime-node",
  "saliency",
  "torch-checkpoint",
  "writers",
];

function versionOf(name: string): string {
  const manifest: { version: string } = createRequire(import.meta.url)(
    name === "cli" ? "../../package.json" : `@voxplain/${name}/package.json`,
  );
  return manifest.version;
}
