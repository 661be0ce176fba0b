import { arch, cpus, platform, release } from "node:os";
import type { KernelUse, ModelRuntime } from "@voxplain/core";
import { encodeJson, encodeProvenance, type OutputProvenance, type Provenance } from "@voxplain/writers";
import type { RecordedFiles } from "./recorded-files.ts";

/** What computed a job. */
export interface RecordedRuntime extends Pick<ModelRuntime, "version"> {
  /** By its name: one that was recorded by another version may have another. */
  readonly executionProvider: string;
}

/** What is known of a job beside its files. Its options have the names of the old program's where they exist. */
export interface ResultRecord extends Omit<Provenance, "runtime" | "platform" | "finished" | "outputs"> {
  /** Entries for files of single sessions, which others wrote; they follow those of the files of all. */
  readonly ofSessions?: AsyncIterable<OutputProvenance>;
  /** What computed. */
  readonly runtime: RecordedRuntime;
  /** What computed the first blocks of the networks, as the slot of the job has it. */
  readonly kernelUses: readonly KernelUse[];
  /** How many threads the user set; undefined where the runtime chose. */
  readonly threads: number | undefined;
}

/**
 * Writes what is needed to understand a result and to run the job again: commandline.json, the options and the version
 * of the tool, and provenance.json, with an entry for each file that was written before.
 */
export async function writeRecords(
  files: RecordedFiles,
  { runtime, threads, kernelUses, ofSessions, ...record }: ResultRecord,
): Promise<void> {
  const { tool, packages, command, options, key, model, inputs, seed, started, durations, warnings } = record;
  await files.write("commandline.json", encodeJson({ ...options, version: tool.version }));
  const [runtimeName = "", runtimeVersion = ""] = runtime.version.split(" ");
  // They are written beside each other: their order is chance.
  const own = files.outputs.toSorted((a, b) => (a.file < b.file ? -1 : 1));
  const provenance = encodeProvenance({
    tool,
    packages,
    command,
    options,
    ...(key && { key }),
    model,
    inputs,
    runtime: {
      name: runtimeName,
      version: runtimeVersion,
      provider: runtime.executionProvider,
      kernels: kernelUses,
      threads: threads ?? null,
    },
    platform: {
      system: `${platform()} ${release()}`,
      architecture: arch(),
      processor: cpus()[0]?.model ?? "unknown",
      host: `node ${process.versions.node}`,
    },
    seed,
    started,
    finished: new Date(),
    durations,
    warnings,
    outputs: ofSessions === undefined ? own : followed(own, ofSessions),
  });
  await files.write("provenance.json", provenance);
}

async function* followed<Item>(first: readonly Item[], others: AsyncIterable<Item>): AsyncGenerator<Item> {
  yield* first;
  yield* others;
}
