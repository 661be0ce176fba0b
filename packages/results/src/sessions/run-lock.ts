import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isObject, isVoxplainError, VoxplainError } from "@voxplain/core";
import {
  hasEnded,
  ioFailure,
  makeFolders,
  ownerHasEnded,
  ownerName,
  ownerPattern,
  type ProcessId,
  thisProcess,
  tryTo,
} from "@voxplain/core/node";

/** Who works on a result. */
export interface Worker extends ProcessId {
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
    ...{ ...thisProcess(), kind },
    ...(shard !== undefined && { shard }),
  };
  const folder = sessionsFolder(path);
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  const marker = join(folder, `worker-${randomBytes(6).toString("hex")}.json`);
  if (breakLock) for (const file of [lock, ...markersIn(folder)]) rmSync(file, { force: true });
  forgetHalfMade(lock, breakLock);
  const file = kind === "shard" ? marker : lock;
  take(file, own, path);
  const release = () => {
    // A file that stays is that of a process that has ended.
    tryTo(() => rmSync(file, { force: true }));
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
    throw isVoxplainError(error) ? error : ioFailure("write", file)(error);
  }
  return { release };
}

/** Who works on a result. Nothing is removed. */
export function workersOn(path: string): readonly Worker[] {
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  return [lock, ...markersIn(sessionsFolder(path))].map(workerAt).filter((worker) => worker !== undefined);
}

/** What locks were on their way of processes that have ended; of others too, where they are said to have ended. */
function forgetHalfMade(lock: string, ofOthers: boolean): void {
  const pattern = new RegExp(`^\\.(${ownerPattern})\\.[0-9a-f]{8}\\.(?:tmp|stale)$`);
  for (const name of existsSync(dirname(lock)) ? readdirSync(dirname(lock)) : []) {
    const [, owner] =
      (name.startsWith(basename(lock)) && pattern.exec(name.slice(basename(lock).length))) || [];
    if (owner !== undefined && (ofOthers || ownerHasEnded(owner)))
      tryTo(() => rmSync(join(dirname(lock), name), { force: true }));
  }
}

/** A name of its own beside a file, while that is made or removed. */
function nameBeside(file: string, kind: "tmp" | "stale"): string {
  return `${file}.${ownerName()}.${randomBytes(4).toString("hex")}.${kind}`;
}

function markersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^worker-[0-9a-f]+\.json$/.test(name));
  return names.map((name) => join(folder, name));
}

/** Makes a file with its content at once: it is never read half written. */
function take(file: string, own: Worker, path: string): void {
  const temporary = nameBeside(file, "tmp");
  try {
    makeFolders(dirname(file));
    writeFileSync(temporary, JSON.stringify(own));
    for (;;) {
      try {
        claim(temporary, file);
        return;
      } catch (error) {
        if (codeOf(error) !== "EEXIST") throw error;
        const worker = liveWorker(file);
        if (worker !== undefined) throw refusal(path, worker);
      }
    }
  } catch (error) {
    if (isVoxplainError(error)) throw error;
    ioFailure("write", file)(error);
  } finally {
    tryTo(() => rmSync(temporary, { force: true }));
  }
}

/** Gives a file its name unless that is taken. @throws With the code EEXIST where it is. */
function claim(temporary: string, file: string): void {
  try {
    linkSync(temporary, file);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(codeOf(error) ?? "")) throw error;
    // File systems without hard links, as of memory sticks: it is there a moment before its content.
    writeFileSync(file, readFileSync(temporary), { flag: "wx" });
  }
}

/** The process that made a file and may still work; undefined if there is none. */
function workerAt(file: string): Worker | undefined {
  const worker = workerIn(textOf(file) ?? "");
  return worker !== undefined && !hasEnded(worker) ? worker : undefined;
}

/** The process that made a file; undefined if there is none, or it is known to have ended: its file is removed then. */
function liveWorker(file: string): Worker | undefined {
  const text = textOf(file);
  if (text === undefined) return undefined;
  const worker = workerIn(text);
  if (worker !== undefined && !hasEnded(worker)) return worker;
  // Aside first: another one may have removed it meanwhile, and a third one made a new one.
  const aside = nameBeside(file, "stale");
  try {
    renameSync(file, aside);
    if (textOf(aside) !== text) linkSync(aside, file);
  } catch (error) {
    // Another one removed it, or made a new one.
    if (!["ENOENT", "EEXIST"].includes(codeOf(error) ?? "")) throw error;
  }
  tryTo(() => rmSync(aside, { force: true }));
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
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
    const worker: unknown = JSON.parse(text);
    return isWorker(worker) ? worker : undefined;
  } catch {
    return undefined;
  }
}

const works = { run: "a run", merge: "voxplain merge", shard: "a shard" } as const;

function isWorker(found: unknown): found is Worker {
  return (
    isObject(found) &&
    Object.hasOwn(works, String(found.kind)) &&
    typeof found.host === "string" &&
    Number.isSafeInteger(found.pid)
  );
}

function refusal(path: string, { kind, shard, host, pid }: Worker): VoxplainError {
  const who = `${works[kind]}${shard === undefined ? "" : ` (${shard})`} on ${host} (process ${pid})`;
  return new VoxplainError("already-exists", `${who} works on this result`, {
    file: path,
    hint: "wait for it; if it has ended, remove what it left (--break_lock)",
  });
}
