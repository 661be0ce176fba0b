import { randomBytes } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { isVoxplainError, VoxplainError } from "@voxplain/core";
import { ioFailure, isRunning, type ProcessId, thisProcess } from "@voxplain/core/node";

/** Who works on a result. */
export interface Worker extends ProcessId {
  /** The name of its machine. */
  readonly host: string;
  /** A whole run and a merge are alone; shards work beside each other. */
  readonly kind: "run" | "merge" | "shard";
  /** "2/16", of a shard. */
  readonly shard?: string;
}

/** Leave to work on a result. */
export interface RunLock {
  /** Lets others work on it. */
  release(): void;
}

/** Where the sessions of a result are kept until it is complete: beside it. */
export function sessionsFolder(path: string): string {
  return join(dirname(path), `.${basename(path)}.sessions`);
}

/**
 * Takes leave to work on a result.
 * @param path - Of the result.
 * @throws VoxplainError `already-exists` while a whole run, a merge, or for these two a shard works on it.
 */
export function lockResult(
  path: string,
  { kind, shard }: Pick<Worker, "kind" | "shard">,
  { breakLock = false }: { readonly breakLock?: boolean } = {},
): RunLock {
  const own: Worker = {
    ...{ ...thisProcess(), host: hostname(), kind },
    ...(shard !== undefined && { shard }),
  };
  const folder = sessionsFolder(path);
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  const marker = join(folder, `worker-${randomBytes(6).toString("hex")}.json`);
  if (breakLock) for (const file of [lock, ...markersIn(folder)]) rmSync(file, { force: true });
  forgetHalfMade(lock);
  const file = kind === "shard" ? marker : lock;
  take(file, own, path);
  const release = () => {
    rmSync(file, { force: true });
    process.off("exit", release);
  };
  process.once("exit", release);
  try {
    // Whoever comes second sees the other: each has its file before it looks.
    for (const other of kind === "shard" ? [lock] : markersIn(folder)) {
      const worker = liveWorker(other);
      if (worker !== undefined) throw refusal(path, worker);
    }
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}

/** Who works on a result. Nothing is removed. */
export function workersOn(path: string): readonly Worker[] {
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  return [lock, ...markersIn(sessionsFolder(path))].map(workerAt).filter((worker) => worker !== undefined);
}

/** What locks were on their way of processes that have ended. */
function forgetHalfMade(lock: string): void {
  const start = `${basename(lock)}.`;
  const names = existsSync(dirname(lock)) ? readdirSync(dirname(lock)) : [];
  for (const name of names.filter((one) => one.startsWith(start) && /\.(tmp|stale)$/.test(one))) {
    const file = join(dirname(lock), name);
    const worker = workerIn(textOf(file) ?? "");
    if (worker !== undefined && !isLive(worker)) rmSync(file, { force: true });
  }
}

function markersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^worker-[0-9a-f]+\.json$/.test(name));
  return names.map((name) => join(folder, name));
}

/** Makes a file with its content at once: it is never read half written. */
function take(file: string, own: Worker, path: string): void {
  const temporary = `${file}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, JSON.stringify(own));
    for (;;) {
      try {
        linkSync(temporary, file);
        return;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
        const worker = liveWorker(file);
        if (worker !== undefined) throw refusal(path, worker);
      }
    }
  } catch (error) {
    if (isVoxplainError(error)) throw error;
    ioFailure("write", file)(error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** The process that made a file and may still work; undefined if there is none. */
function workerAt(file: string): Worker | undefined {
  const worker = workerIn(textOf(file) ?? "");
  return worker !== undefined && isLive(worker) ? worker : undefined;
}

/** Nothing is known of processes of other machines: they are taken to work. */
function isLive(worker: Worker): boolean {
  return worker.host !== hostname() || isRunning(worker);
}

/** The process that made a file; undefined if there is none, or it is known to have ended: its file is removed then. */
function liveWorker(file: string): Worker | undefined {
  const text = textOf(file);
  if (text === undefined) return undefined;
  const worker = workerIn(text);
  if (worker !== undefined && isLive(worker)) return worker;
  // Aside first: another one may have removed it meanwhile, and a third one made a new one.
  const aside = `${file}.${randomBytes(4).toString("hex")}.stale`;
  try {
    renameSync(file, aside);
    if (textOf(aside) !== text) linkSync(aside, file);
  } catch {
    // Another one removed it.
  }
  rmSync(aside, { force: true });
  return undefined;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function workerIn(text: string): Worker | undefined {
  try {
    return JSON.parse(text) as Worker;
  } catch {
    return undefined;
  }
}

const works = { run: "a run", merge: "voxplain merge", shard: "a shard" } as const;

function refusal(path: string, { kind, shard, host, pid }: Worker): VoxplainError {
  const who = `${works[kind]}${shard === undefined ? "" : ` (${shard})`} on ${host} (process ${pid})`;
  return new VoxplainError("already-exists", `${who} works on this result`, {
    file: path,
    hint: "wait for it; if it has ended, remove what it left (--break_lock)",
  });
}
