import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { VoxplainError } from "@voxplain/core";
import { folderStore, lockResult, type RunLock, stopwatch } from "@voxplain/results";
import { type FinishedSessions, finishedSessions, groupMaps } from "@voxplain/study";
import { addUpTo } from "../job/add-up.ts";
import { finishTask } from "../job/finish-task.ts";
import { isResult, type KeptQuery, type KeptResult, keptResults } from "../job/kept-results.ts";
import { keptJobIn } from "../job/kept-task.ts";
import { refuseOther } from "../job/older-result.ts";
import { cleanAfterKilled } from "../job/published.ts";
import { type KeptJob, keyOf } from "../job/recorded-task.ts";
import { nothingLeft } from "../job/stopped.ts";
import { refusePictureSpace } from "../limits.ts";
import { printLines, sayLines } from "../print-lines.ts";

/** The options of `voxplain merge`. */
export interface MergeOptions extends KeptQuery {
  readonly overwrite: boolean;
  readonly break_lock: boolean;
  readonly no_fsync: boolean;
}

/** A task whose sessions are all finished. */
interface Ready {
  readonly result: KeptResult;
  readonly job: KeptJob;
  readonly finished: FinishedSessions;
  readonly lock: RunLock;
}

/** How long files of other machines may take to be seen: NFS keeps what it knows of a folder for some seconds. */
const secondsForOthers = 5;

/**
 * `voxplain merge`: makes the result of a job whose parts are all finished. Reads no images and no networks.
 * @returns The exit status: 3 where sessions were skipped.
 * @throws VoxplainError `not-found` naming the sessions that are missing, before anything is written.
 */
export async function merge(options: MergeOptions, command: readonly string[]): Promise<0 | 3> {
  const ready: Ready[] = [];
  let status: 0 | 3 = 0;
  try {
    for (const result of keptResults(options)) {
      const one = await prepare(result, options);
      if (one === undefined) printLines(result.outputPath);
      else ready.push(one);
    }
    for (const one of ready) if ((await mergeOne(one, options, command)) > 0) status = 3;
  } finally {
    for (const { lock } of ready) lock.release();
  }
  return status;
}

/** Looks whether everything is there; undefined for what is merged already. */
async function prepare(result: KeptResult, options: MergeOptions): Promise<Ready | undefined> {
  const { outputPath, sessions } = result;
  const lock = lockResult(outputPath, { kind: "merge" }, { breakLock: options.break_lock });
  try {
    await cleanAfterKilled(outputPath, options, sayLines);
    const job = keptJobIn(sessions);
    if (job === undefined && isResult(outputPath)) {
      lock.release();
      return undefined;
    }
    if (job === undefined) {
      throw new VoxplainError("not-found", "no session is finished", {
        file: sessions,
        hint: "run the parts of the job first (--shard)",
      });
    }
    refuseOther(outputPath, options.overwrite || job.task.options.overwrite === true);
    const { command, options: recorded } = job.task;
    if (command === "interpret" && recorded.pictures !== "none") refusePictureSpace();
    const store = folderStore(sessions, { fsync: !options.no_fsync });
    const finished = await finishedSessions(store, job.task, keyOf(job.task, job.network));
    if (missingOf(job, finished).length > 0) {
      await wait(secondsForOthers * 1000);
      await finished.refresh();
    }
    const missing = missingOf(job, finished);
    if (missing.length > 0) throw notFinished(job, outputPath, missing);
    return { result, job, finished, lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function missingOf({ task }: KeptJob, finished: FinishedSessions): readonly string[] {
  return task.sessions.flatMap(({ name }, place) => (finished.at(place) === undefined ? [name] : []));
}

function notFinished({ task }: KeptJob, path: string, missing: readonly string[]): VoxplainError {
  const shown = missing.slice(0, 10).join(", ");
  const others = missing.length > 10 ? `, and ${missing.length - 10} more` : "";
  return new VoxplainError(
    "not-found",
    `${missing.length} of ${task.sessions.length} sessions ${missing.length === 1 ? "is" : "are"} not finished: ${shown}${others}`,
    { file: path, hint: "run their parts again with --resume, then voxplain merge" },
  );
}

async function mergeOne(
  { result: { outputPath, sessions: folder }, job, finished }: Ready,
  options: MergeOptions,
  command: readonly string[],
): Promise<number> {
  const { task: record, network } = job;
  const started = new Date();
  const clock = stopwatch();
  const nothing = await nothingLeft(finished, record);
  if (nothing !== undefined) throw nothing;
  const mean =
    record.command === "interpret" && record.request.result === "mean"
      ? groupMaps({ request: record.request })
      : undefined;
  await (mean && addUpTo(mean, finished, 0))?.to(record.sessions.length);
  clock.lap("computing");
  const resultFolder = join(folder, "result");
  const { skipped } = await finishTask({
    ...{ record, network, finished, mean, command, started, clock, warnings: record.warnings },
    warn: (warning) => sayLines(`warning: ${warning}`),
    ...{ folder: resultFolder, outputPath, fsync: !options.no_fsync, sessionsFolder: folder },
    settled: finished.settled,
  });
  printLines(outputPath);
  return skipped;
}
