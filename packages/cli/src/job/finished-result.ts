import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "@voxplain/caps-io";
import { groupBy, VoxplainError } from "@voxplain/core";
import { sessionsFolder } from "@voxplain/results";
import type { Block, Task } from "@voxplain/study";
import { encodeJson, type InputProvenance, type Provenance } from "@voxplain/writers";
import { keptJobIn } from "./kept-task.ts";
import { refuseOther } from "./older-result.ts";
import { isPublished } from "./published.ts";
import { differences, type RecordedTask } from "./recorded-task.ts";
import { changedNetworks, currentImages } from "./unchanged.ts";

/** A result that is complete. */
interface FinishedResult {
  /** Sessions that were skipped. */
  readonly skipped: number;
}

/** A job that is resumed. */
export interface ResumedJob {
  readonly record: RecordedTask;
  readonly task: Pick<Task, "images">;
  /** The blocks that would be computed. */
  readonly part: readonly Block[];
  readonly overwrite: boolean;
  /** Whether an image that is older than the result is the same. */
  readonly trust_mtime: boolean;
}

/**
 * The result of a job that is resumed, where it is complete; undefined where sessions are to be computed: also while an older result
 * still has the name that they are to replace.
 * @throws VoxplainError `mismatch` naming what differs, where another job has the name; `already-exists` for an older result that may
 * not be replaced.
 */
export async function finishedBefore(path: string, job: ResumedJob): Promise<FinishedResult | undefined> {
  const folder = sessionsFolder(path);
  const unfinished = (await isPublished(path)) ? undefined : keptJobIn(folder);
  const complete = unfinished === undefined ? await finishedResult(path, job) : undefined;
  if (complete === undefined) refuseOther(path, job.overwrite || unfinished?.task.options.overwrite === true);
  return complete;
}

type StoredProvenance = Partial<
  Pick<Provenance, "key" | "model" | "options"> & {
    readonly inputs: readonly InputProvenance[];
    readonly started: string;
  }
>;

async function finishedResult(path: string, job: ResumedJob): Promise<FinishedResult | undefined> {
  if (!existsSync(join(path, "commandline.json"))) return undefined;
  const { key, model, options, inputs, started } = provenanceIn(path);
  if (key === undefined || model === undefined || options === undefined || inputs === undefined)
    throw otherJob(path, ["it does not say what it was made of"]);
  const changes = differences(key, JSON.parse(new TextDecoder().decode(encodeJson(job.record.depends))));
  if (changes.length > 0) throw otherJob(path, changes);
  const networks = await changedNetworks({ model, options }, job.record);
  if (networks.length > 0) throw otherJob(path, networks);
  await checkImages(job, inputs, job.trust_mtime && started !== undefined && new Date(started));
  const errors = join(path, "errors.tsv");
  return {
    skipped: existsSync(errors) ? readFileSync(errors, "utf8").trimEnd().split("\n").length - 1 : 0,
  };
}

/** The images of a part are those that the result was made of. */
async function checkImages(
  { record: { sessions }, task, part }: ResumedJob,
  inputs: NonNullable<StoredProvenance["inputs"]>,
  trusted: false | Date,
): Promise<void> {
  const recorded = groupBy(inputs, ({ participant, session }) => JSON.stringify([participant, session]));
  const named = groupBy(sessions, keyOf);
  const images = currentImages(task, trusted);
  for (const session of part.flatMap(({ start, end }) => sessions.slice(start, end))) {
    const files = recorded.get(keyOf(session)) ?? [];
    // Two cohorts may have sessions of one name.
    const same = named.get(keyOf(session)) ?? [session];
    const count = files.length / same.length;
    const start = same.indexOf(session) * count;
    // One that was skipped has none.
    if (Number.isInteger(count) && count > 0) await images.check(session, files.slice(start, start + count));
  }
}

function keyOf({ participantId, sessionId }: Session): string {
  return JSON.stringify([participantId || null, sessionId || null]);
}

function provenanceIn(path: string): StoredProvenance {
  try {
    return JSON.parse(readFileSync(join(path, "provenance.json"), "utf8")) as StoredProvenance;
  } catch {
    return {};
  }
}

function otherJob(path: string, changes: readonly string[]): VoxplainError {
  return new VoxplainError("mismatch", `the result of another job has this name: ${changes.join("; ")}`, {
    file: path,
    hint: "choose another name, or replace it (--overwrite without --resume)",
  });
}
