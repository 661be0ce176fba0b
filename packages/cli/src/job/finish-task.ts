import { existsSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { VoxplainError } from "@voxplain/core";
import { directory, filesBelow, ioFailure, makeFolders, publishFolder, syncTree } from "@voxplain/core/node";
import { type RecordedFiles, recordedFiles, type Stopwatch, writeRecords } from "@voxplain/results";
import {
  type CohortWarnings,
  cohortWarnings,
  type FinishedSessions,
  failureOf,
  type GroupMaps,
} from "@voxplain/study";
import { encodeTablePieces, type OutputProvenance } from "@voxplain/writers";
import { packageVersions, versionOf } from "../installed-packages.ts";
import { endOfInterpretation } from "../interpret/ending.ts";
import { endOfPrediction } from "../predict/ending.ts";
import { inOnePass, type Reader } from "./one-pass.ts";
import { type PathSet, pathSet } from "./path-set.ts";
import { markPublishing } from "./published.ts";
import type { RecordedNetwork, RecordedTask } from "./recorded-task.ts";
import type { ComputedOf, Ending, Finished, SessionRows } from "./result.ts";
import { type SessionWarnings, sessionWarnings } from "./session-warnings.ts";

/** A task whose sessions are all finished. */
export interface CompleteTask {
  readonly record: RecordedTask;
  readonly network: RecordedNetwork;
  readonly finished: FinishedSessions;
  /** Where maps are averaged. */
  readonly mean: GroupMaps | undefined;
  /** The command that makes the result, as it was typed. */
  readonly command: readonly string[];
  readonly started: Date;
  readonly clock: Stopwatch;
  /** Warnings shown to the user. */
  readonly warnings: readonly string[];
  /** Where its files are, until it is published. */
  readonly folder: string;
  /** What is removed when the result has its name. */
  readonly sessionsFolder: string;
  readonly outputPath: string;
  /** Resolves when no session is being written any more. @throws What that failed with. */
  settled(): Promise<void>;
  warn(warning: string): void;
  readonly fsync: boolean;
}

/**
 * Makes what needs all sessions, and gives the result its name.
 * @returns Whether sessions were skipped.
 */
export async function finishTask(task: CompleteTask): Promise<{ readonly skipped: number }> {
  const { record, network, mean, folder, clock } = task;
  const warnings = new Set(task.warnings);
  const warn = (warning: string) => {
    if (warnings.has(warning)) return;
    warnings.add(warning);
    task.warn(warning);
  };
  const ending = record.command === "interpret" ? endOfInterpretation(record) : endOfPrediction(record);
  const ofMaps = cohortWarnings();
  const ofSessions = sessionWarnings();
  const wanted = pathSet();
  const finished = await finishedOf(task, { ofMaps, ofSessions, wanted, see: ending.see });
  const computers = ofSessions.computers();
  if (computers !== undefined) warn(computers);
  // They were said when the sessions were computed.
  for (const sentence of ofSessions.sentences) warnings.add(sentence);
  for (const warning of ofMaps.sentences({ averaged: record.request.result === "mean" })) warn(warning);
  try {
    makeFolders(folder);
  } catch (error) {
    ioFailure("write", folder)(error);
  }
  const files = recordedFiles(directory(folder));
  if (mean !== undefined && mean.count !== finished.used.length)
    throw new RangeError(`the mean is of ${mean.count} of ${finished.used.length} sessions`);
  const write = async () => {
    await ending.write({ files, folder, finished, mean, warn });
    await inOnePass(finished.computed(), ending.rows().map(rowsInto(files)));
  };
  await write().finally(task.settled);
  clock.lap("writing");
  await writeRecords(files, {
    ...{ tool: { name: "voxplain", version: versionOf("cli") }, packages: packageVersions() },
    ...{ runtime: record.runtime, command: task.command, threads: record.threads, options: record.options },
    key: record.depends,
    ...{ seed: record.seed, started: task.started, durations: clock.seconds },
    ...{ model: network.model, kernelUses: network.kernelUses, warnings: [...warnings] },
    inputs: inputsOf(finished),
    // Only maps of single sessions have files of their own.
    ...(wanted.size > 0 && { ofSessions: outputsOf(finished) }),
  });
  for (const { file } of files.outputs) wanted.add(file);
  await removeOthers(folder, wanted);
  if (task.fsync) await syncTree(folder);
  await markPublishing(task.sessionsFolder, folder, task);
  await publishFolder(folder, task.outputPath, task);
  try {
    // Without the record of their job, sessions count for nothing: a process that is killed here leaves no half of them.
    await rm(join(task.sessionsFolder, "job"), { force: true });
    // Several at a time: they are large.
    await rm(task.sessionsFolder, { recursive: true, force: true });
  } catch {
    // The result is complete. What cannot be removed is left to the next start.
  }
  ending.published?.(finished);
  return { skipped: finished.failures.length };
}

/** What looks at each session. */
interface Looking extends Pick<Ending, "see"> {
  readonly ofMaps: CohortWarnings;
  readonly ofSessions: SessionWarnings;
  readonly wanted: PathSet;
}

/** Reads all sessions once: what is in the list of each is looked for. @throws VoxplainError `not-found` for a file that is gone. */
async function finishedOf(
  { record: { sessions: list }, finished, folder }: CompleteTask,
  { ofMaps, ofSessions, wanted, see }: Looking,
): Promise<Finished> {
  const failures = [];
  const used = [];
  for await (const one of finished.read()) {
    const { place, name, computed, skipped } = one;
    const session = sessionAt(list, place);
    ofSessions.see(one);
    if (skipped !== undefined) failures.push(failureOf(session, skipped));
    if (computed === undefined) continue;
    if (computed.isKept) used.push(session);
    see({ session, computed });
    ofMaps.addMaps(computed.maps);
    for (const { file } of computed.outputs as readonly OutputProvenance[]) {
      if (!existsSync(join(folder, file))) throw fileIsGone(join(folder, file), name);
      wanted.add(file);
    }
  }
  return {
    ...{ failures, used },
    async *computed() {
      for await (const { place, computed } of finished.read())
        if (computed !== undefined) yield { session: sessionAt(list, place), computed };
    },
  };
}

/** Writes a table while sessions are read. */
function rowsInto(files: RecordedFiles) {
  return ({ file, columns, rowsOf }: SessionRows): Reader<ComputedOf> =>
    async (sessions) => {
      async function* rows() {
        for await (const one of sessions) yield* rowsOf(one);
      }
      await files.write(file, encodeTablePieces(columns, rows()));
    };
}

function sessionAt(list: RecordedTask["sessions"], place: number) {
  const session = list[place];
  if (session === undefined) throw new RangeError("a finished session is in the list");
  return session;
}

/** Files of single sessions were written when these were computed. */
function fileIsGone(file: string, session: string): VoxplainError {
  return new VoxplainError("not-found", "the session is finished, and a file of it is gone", {
    ...{ file, session },
    hint: "run the job once without --resume, which computes its sessions again",
  });
}

async function* inputsOf({ computed: sessions }: Finished) {
  for await (const { computed } of sessions())
    for (const { stamp: _, ...input } of computed.inputs) yield input;
}

/** In the order of the list; those of a session by their names. */
async function* outputsOf({ computed: sessions }: Finished) {
  for await (const { computed } of sessions()) {
    const outputs = computed.outputs as readonly OutputProvenance[];
    yield* outputs.toSorted((a, b) => (a.file < b.file ? -1 : 1));
  }
}

/** What a process that was killed left, or a session that was computed again. */
async function removeOthers(folder: string, wanted: PathSet): Promise<void> {
  for await (const file of filesBelow(folder)) if (!wanted.has(file)) rmSync(join(folder, file));
}
