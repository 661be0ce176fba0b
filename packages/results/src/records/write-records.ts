import { arch, cpus, platform, release } from "node:os";
import type { ModelRuntime } from "@voxplain/core";
import { encodeJson, encodeProvenance, type InputProvenance, type ModelProvenance } from "@voxplain/writers";
import { packages, versionOf } from "../installed-packages.ts";
import type { RecordedFiles } from "./recorded-files.ts";

export interface ResultRecord {
  readonly runtime: ModelRuntime;
  /** What `--threads` said. */
  readonly threads: number | undefined;
  /** The command as it was typed. */
  readonly command: readonly string[];
  /** Every option after resolution, under the old program's names where they exist. */
  readonly options: Readonly<Record<string, unknown>>;
  /** null where nothing was drawn at random. */
  readonly seed: number | null;
  readonly model: ModelProvenance;
  readonly inputs: readonly InputProvenance[];
  readonly warnings: readonly string[];
  readonly started: Date;
  /** Seconds by step. */
  readonly durations: Readonly<Record<string, number>>;
}

/** Writes what is needed to understand a result and to run the job again. */
export async function writeRecords(files: RecordedFiles, record: ResultRecord): Promise<void> {
  const { runtime, threads, command, options, model, inputs, warnings, started, durations } = record;
  await files.write("commandline.json", encodeJson({ ...options, version: versionOf("cli") }));
  const [runtimeName = "", runtimeVersion = ""] = runtime.version.split(" ");
  const provenance = encodeProvenance({
    tool: { name: "voxplain", version: versionOf("cli") },
    packages: Object.fromEntries(packages.map((name) => [`@voxplain/${name}`, versionOf(name)])),
    command,
    options,
    model,
    inputs,
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
    // They are written beside each other: their order is chance.
    outputs: files.outputs.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
  });
  await files.write("provenance.json", provenance);
}
