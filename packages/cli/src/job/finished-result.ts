import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readTableFile, type Session } from "@voxplain/caps-io";
import { groupBy, isObject, parseJson, VoxplainError } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
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

type StoredProvenance = Pick<Provenance, "model" | "options"> & {
  readonly key: Readonly<Record<string, unknown>>;
  readonly inputs: readonly InputProvenance[];
  readonly started?: string;
};

async function finishedResult(path: string, job: ResumedJob): Promise<FinishedResult | undefined> {
  if (!existsSync(join(path, "commandline.json"))) return undefined;
  const provenance = provenanceIn(path);
  if (provenance === undefined) throw otherJob(path, ["it does not say what it was made of"]);
  const { key, model, options, inputs, started } = provenance;
  const changes = differences(key, JSON.parse(new TextDecoder().decode(encodeJson(job.record.depends))));
  if (changes.length > 0) throw otherJob(path, changes);
  const networks = await changedNetworks({ model, options }, job.record);
  if (networks.length > 0) throw otherJob(path, networks);
  await checkImages(job, inputs, job.trust_mtime && started !== undefined && new Date(started));
  const skipped = { source: directory(path), below: "errors.tsv" };
  return { skipped: existsSync(join(path, skipped.below)) ? (await readTableFile(skipped)).rows.length : 0 };
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

/** Undefined where there is none, or one that does not say what `--resume` compares. */
function provenanceIn(path: string): StoredProvenance | undefined {
  try {
    const found = parseJson(readFileSync(join(path, "provenance.json"), "utf8"));
    return isProvenance(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isProvenance(found: unknown): found is StoredProvenance {
  if (!isObject(found) || !isObject(found.key) || !isObject(found.options)) return false;
  const { model, inputs } = found;
  const networks = isObject(model) ? (model.networks ?? [model]) : undefined;
  return [networks, inputs].every((files) => Array.isArray(files) && files.every(isFileRecord));
}

function isFileRecord(found: unknown): boolean {
  return isObject(found) && typeof found.file === "string" && typeof found.sha256 === "string";
}

function otherJob(path: string, changes: readonly string[]): VoxplainError {
  return new VoxplainError("mismatch", `the result of another job has this name: ${changes.join("; ")}`, {
    file: path,
    hint: "choose another name, or replace it (--overwrite without --resume)",
  });
}
