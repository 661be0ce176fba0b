import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { ModelRuntime } from "@voxplain/core";
import { lockResult, sessionsFolder, stopwatch } from "@voxplain/results";
import { blocksOf } from "@voxplain/study";
import { chooseRuntime, type DeviceOptions } from "../device.ts";
import { printLines, sayLines } from "../print-lines.ts";
import { type Stopping, stoppingOn } from "../stopping.ts";
import { refuseFullDisk, type WritingOptions } from "./disk-use.ts";
import { describeJob } from "./dry-run.ts";
import { finishTask } from "./finish-task.ts";
import { finishedBefore } from "./finished-result.ts";
import { checkInputs, openKeptTask } from "./kept-task.ts";
import type { CohortJob, JobTask } from "./prepare.ts";
import { cleanAfterKilled } from "./published.ts";
import type { AnyImage, Result } from "./result.ts";
import { runImages } from "./run-images.ts";
import { blocksOfShard, type SplitOptions, shardText } from "./split-options.ts";
import { nothingLeft, refusedAt, stoppedAt, stopSentence } from "./stopped.ts";

/** What computes, and with how many threads. */
export type JobRuntime = ModelRuntime & { readonly threads: number | undefined };

/** The words of a command. */
export interface CommandWords {
  readonly command: readonly string[];
  /** Whether the user typed them, or another command runs it. Default: true. */
  readonly isTyped?: boolean;
}

/** A command that takes images through networks and writes a folder for each network. */
export interface JobCommand<Prepared extends CohortJob, Image extends AnyImage> extends CommandWords {
  readonly options: DeviceOptions &
    SplitOptions &
    WritingOptions & { readonly dry_run?: boolean; readonly overwrite: boolean };
  /** Checks everything that can be known before the first image is read. */
  prepare(): Promise<Prepared>;
  /** @param folder - Where files of single sessions are written. */
  result(job: Prepared, task: JobTask, runtime: JobRuntime, folder: string): Result<Image>;
}

/**
 * Checks everything first, then computes and writes each task in turn, or a part of it.
 * @returns The exit status: 3 where sessions of a whole job were skipped.
 */
export async function runJob<Prepared extends CohortJob, Image extends AnyImage>(
  run: JobCommand<Prepared, Image>,
): Promise<0 | 3> {
  const { options } = run;
  const choosing = chooseRuntime(options);
  // Configuration errors are reported before device errors: the user can fix those.
  choosing.catch(() => {});
  const job = await run.prepare();
  if (options.dry_run) {
    printLines(...describeJob(job, run.options));
    warnOfRoom(job, run.options);
    return 0;
  }
  warnOfRoom(job, run.options);
  const runtime = { ...(await choosing), threads: options.threads };
  const stopping = stoppingOn();
  let status: 0 | 3 = 0;
  try {
    for (const task of job.tasks) {
      const skipped = await runTask(run, { job, task, runtime, stopping });
      if (skipped > 0) status = 3;
    }
  } finally {
    await stopping.end();
  }
  return status;
}

/** @throws VoxplainError `io-failure` where the disk has no room. */
function warnOfRoom(job: CohortJob, options: WritingOptions): void {
  const scarce = refuseFullDisk(job, options);
  if (scarce !== undefined) sayLines(`warning: ${scarce}`);
}

interface Running<Prepared extends CohortJob> {
  readonly job: Prepared;
  readonly task: JobTask;
  readonly runtime: JobRuntime;
  readonly stopping: Stopping;
}

/**
 * Computes what is left of a task, and makes its result unless it is a part. What is finished stays when it fails.
 * @returns How many sessions were skipped; 0 of a part.
 */
async function runTask<Prepared extends CohortJob, Image extends AnyImage>(
  { result: resultOf, options, command, isTyped = true }: JobCommand<Prepared, Image>,
  { job, task, runtime, stopping }: Running<Prepared>,
): Promise<number> {
  const { outputPath } = task;
  const { shard, resume } = options;
  const started = new Date();
  const clock = stopwatch();
  const result = resultOf(job, task, runtime, `${sessionsFolder(outputPath)}/result`);
  const { record } = result;
  const made = missingFolders(dirname(outputPath));
  const ofShard = shard && { shard: shardText(shard) };
  const lock = lockResult(
    outputPath,
    { kind: shard === undefined ? "run" : "shard", ...ofShard },
    { breakLock: options.break_lock },
  );
  const say = (line: string) => sayLines(line);
  let goesOn: (error: unknown) => unknown = (error) => error;
  const removeEmpty = () => {
    for (const folder of [sessionsFolder(outputPath), ...made.toReversed()]) {
      try {
        if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
      } catch {
        // An empty folder more is better than another error.
      }
    }
  };
  // At a second signal, too.
  process.once("exit", removeEmpty);
  try {
    if (shard === undefined) await cleanAfterKilled(outputPath, options, say);
    if (resume) {
      const part = blocksOfShard(blocksOf(task.task), shard);
      const before = await finishedBefore(outputPath, { ...options, record, task: task.task, part });
      if (before !== undefined) {
        printLines(`${task.title}: is finished`, outputPath);
        return shard === undefined ? before.skipped : 0;
      }
    }
    const kept = await openKeptTask(outputPath, record, options, say);
    if (resume) await checkInputs(kept, task.task, options);
    const places = kept.part.flatMap(({ start, end }) => range(start, end));
    const done = () => places.filter((place) => kept.finished.at(place) !== undefined).length;
    const again = isTyped ? undefined : command;
    stopping.onStop(() => stopSentence(done(), places.length, again));
    goesOn = (error) => refusedAt(error, done(), places.length, again);
    const computed = await runImages(
      { job, task, runtime, threads: options.threads, fsync: !options.no_fsync, stopping },
      result,
      kept,
    );
    // The result of a whole job is made while what was computed last is still being written.
    if (shard !== undefined || computed.fatal !== undefined || stopping.isAsked) await computed.settled();
    stopping.throwIfAsked();
    clock.lap("computing");
    if (computed.fatal) {
      throw stoppedAt(computed.fatal, done(), places.length);
    }
    if (shard !== undefined) {
      printLines(
        `${task.title}, part ${shardText(shard)}: ${done()} of ${places.length} sessions are finished`,
      );
      return 0;
    }
    if (done() < places.length) {
      // The last one could not be kept: this says why.
      await computed.settled();
      throw new RangeError("a session is neither finished nor skipped");
    }
    const nothing = await nothingLeft(kept.finished, record);
    if (nothing !== undefined) {
      // There is nothing to go on with either.
      await computed.settled();
      rmSync(sessionsFolder(outputPath), { recursive: true, force: true });
      throw nothing;
    }
    const { network } = computed;
    if (network === undefined) throw new RangeError("a network was opened");
    const { skipped } = await finishTask({
      ...{ record, network, finished: kept.finished, mean: computed.mean, command, started, clock },
      ...{ warnings: computed.warnings.list, folder: kept.resultFolder, outputPath },
      warn: (warning) => say(`warning: ${warning}`),
      fsync: !options.no_fsync,
      sessionsFolder: sessionsFolder(outputPath),
      settled: computed.settled,
    });
    stopping.onStop(undefined);
    printLines(outputPath);
    return skipped;
  } catch (error) {
    throw goesOn(error);
  } finally {
    lock.release();
    process.off("exit", removeEmpty);
    removeEmpty();
  }
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, k) => start + k);
}

/** The folders on the way that are not there yet, the outermost first. */
function missingFolders(path: string): readonly string[] {
  const missing: string[] = [];
  for (let folder = path; !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  return missing;
}
