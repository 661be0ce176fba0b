import { createRequire } from "node:module";
import { arch, cpus, platform, release } from "node:os";
import type { ModelRuntime } from "@voxplain/core";
import type { ModelFolder } from "@voxplain/model-loader";
import {
  encodeJson,
  encodeProvenance,
  type InputProvenance,
  type ModelProvenance,
  sha256,
} from "@voxplain/writers";
import type { HashedNetwork } from "./model-hashes.ts";
import type { Task } from "./plan-job.ts";
import type { RecordedFiles } from "./recorded-files.ts";

export interface TaskRecord {
  readonly folder: ModelFolder;
  readonly task: Task;
  readonly runtime: ModelRuntime;
  /** What `--threads` said. */
  readonly threads: number | undefined;
  /** The command as it was typed. */
  readonly command: readonly string[];
  /** Every option after resolution, under the old program's names where they exist. */
  readonly options: Readonly<Record<string, unknown>>;
  /** null where nothing was drawn at random. */
  readonly seed: number | null;
  /** One, or one per part; never empty. */
  readonly networks: readonly HashedNetwork[];
  /** In the order of the sessions. */
  readonly inputs: readonly (readonly InputProvenance[])[];
  readonly warnings: readonly string[];
  readonly started: Date;
  /** Seconds by step. */
  readonly durations: Readonly<Record<string, number>>;
}

/** Writes what is needed to understand a result and to run the job again. */
export async function writeRecords(files: RecordedFiles, record: TaskRecord): Promise<void> {
  const { runtime, threads, command, options, inputs, warnings, started, durations } = record;
  await files.write("commandline.json", encodeJson({ ...options, version: versionOf("cli") }));
  const [runtimeName = "", runtimeVersion = ""] = runtime.version.split(" ");
  const provenance = encodeProvenance({
    tool: { name: "voxplain", version: versionOf("cli") },
    packages: Object.fromEntries(packages.map((name) => [`@voxplain/${name}`, versionOf(name)])),
    command,
    options,
    model: await modelProvenance(record),
    inputs: inputs.flat(),
    runtime: {
      name: runtimeName,
      version: runtimeVersion,
      provider: runtime.executionProvider,
      threads: threads ?? null,
    },
    platform: {
      system: `${platform()} ${release()}`,
      architecture: arch(),
      processor: cpus()[0]?.model ?? "unknown",
      host: `node ${process.versions.node}`,
    },
    seed: record.seed,
    started,
    finished: new Date(),
    durations,
    warnings,
    outputs: [...files.outputs],
  });
  await files.write("provenance.json", provenance);
}

/** Of several networks the hash is that of their hashes, one a line. */
async function modelProvenance({ folder, task, networks }: TaskRecord): Promise<ModelProvenance> {
  const { network, sha256: hash } = networks[0]!;
  const named = (file: string) => `${folder.source.name}/${file}`;
  const common = {
    architecture: network.architecture,
    fold: task.fold,
    selection: task.selection,
    parameters: networks.reduce((sum, one) => sum + one.network.parameterCount, 0),
  };
  if (networks.length === 1) {
    return { ...common, file: named(network.file), sha256: hash, epoch: network.epoch ?? null };
  }
  const lines = networks.map((one) => `${one.sha256}\n`).join("");
  return {
    ...common,
    file: named(`fold-${task.fold}/models/cnn-*/${task.selection}`),
    sha256: await sha256(new TextEncoder().encode(lines)),
    epoch: null,
    networks: networks.map((one) => ({
      file: named(one.network.file),
      sha256: one.sha256,
      epoch: one.network.epoch ?? null,
    })),
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
