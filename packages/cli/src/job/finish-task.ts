import { existsSync, rmSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { VoxplainError } from "@voxplain/core";
import { directory, ioFailure, makeFolders, publishFolder, syncTree } from "@voxplain/core/node";
import { recordedFiles, type Stopwatch, writeRecords } from "@voxplain/results";
import {
  cohortWarnings,
  type FinishedSession,
  failureOf,
  type GroupMaps,
  type SessionPrediction,
} from "@voxplain/study";
import type { OutputProvenance } from "@voxplain/writers";
import { packageVersions, versionOf } from "../installed-packages.ts";
import { endOfInterpretation } from "../interpret/ending.ts";
import { endOfPrediction } from "../predict/ending.ts";
import { markPublishing } from "./published.ts";
import type { RecordedNetwork, RecordedTask } from "./recorded-task.ts";
import type { Finished } from "./result.ts";

/** A task whose sessions are all finished. */
export interface CompleteTask {
  readonly record: RecordedTask;
  readonly network: RecordedNetwork;
  /** In the order of the list. */
  readonly sessions: readonly FinishedSession[];
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
  const { record, network, sessions, mean, folder, clock } = task;
  const warnings = [...task.warnings];
  const say = (warning: string) => {
    if (warnings.includes(warning)) return;
    warnings.push(warning);
    task.warn(warning);
  };
  const finished = finishedOf(record, sessions);
  const ofMaps = cohortWarnings();
  for (const { computed } of sessions) ofMaps.addMaps(computed?.maps ?? []);
  for (const warning of ofMaps.sentences({ averaged: record.request.result === "mean" })) say(warning);
  try {
    makeFolders(folder);
  } catch (error) {
    ioFailure("write", folder)(error);
  }
  const files = recordedFiles(directory(folder));
  const written = sessions.flatMap(({ computed }) => (computed?.outputs ?? []) as OutputProvenance[]);
  checkWritten(folder, sessions);
  if (mean !== undefined && mean.count !== finished.kept.length)
    throw new RangeError(`the mean is of ${mean.count} of ${finished.kept.length} sessions`);
  const ending = { record, files, folder, finished, mean, warn: say };
  const makeEnd = record.command === "interpret" ? endOfInterpretation : endOfPrediction;
  const { published } = await makeEnd(ending).finally(task.settled);
  clock.lap("writing");
  const all = { ...files, outputs: [...written, ...files.outputs] };
  await writeRecords(
    { ...all, write: files.write },
    {
      ...{ tool: { name: "voxplain", version: versionOf("cli") }, packages: packageVersions() },
      ...{ runtime: record.runtime, command: task.command, threads: record.threads, options: record.options },
      key: record.depends,
      ...{ seed: record.seed, started: task.started, durations: clock.seconds },
      ...{ model: network.model, kernelUses: network.kernelUses, warnings },
      inputs: sessions.flatMap(({ computed }) =>
        (computed?.inputs ?? []).map(({ stamp: _, ...input }) => input),
      ),
    },
  );
  await removeOthers(folder, new Set([...all.outputs, ...files.outputs].map(({ file }) => file)));
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
  published?.();
  return { skipped: finished.failures.length };
}

function finishedOf({ sessions: list }: RecordedTask, sessions: readonly FinishedSession[]): Finished {
  const predictions: SessionPrediction[] = [];
  const kept: SessionPrediction[] = [];
  const failures = [];
  for (const { place, computed, skipped } of sessions) {
    const session = list[place];
    if (session === undefined) throw new RangeError("a finished session is in the list");
    if (skipped !== undefined) failures.push(failureOf(session, skipped));
    if (computed === undefined) continue;
    const prediction = { ...computed.prediction, session };
    predictions.push(prediction);
    if (computed.isKept) kept.push(prediction);
  }
  const checks = sessions.flatMap(({ computed }) => computed?.checks ?? []);
  return { sessions, predictions, failures, kept, checks };
}

/** Files of single sessions were written when these were computed. @throws VoxplainError `not-found`. */
function checkWritten(folder: string, sessions: readonly FinishedSession[]): void {
  for (const { name, computed } of sessions) {
    for (const { file } of (computed?.outputs ?? []) as OutputProvenance[]) {
      if (existsSync(join(folder, file))) continue;
      throw new VoxplainError("not-found", "the session is finished, and a file of it is gone", {
        ...{ file: join(folder, file), session: name },
        hint: "run the job once without --resume, which computes its sessions again",
      });
    }
  }
}

/** What a process that was killed left, or a session that was computed again. */
async function removeOthers(folder: string, wanted: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !wanted.has(relative(folder, path).split(sep).join("/"))) rmSync(path);
  }
}
