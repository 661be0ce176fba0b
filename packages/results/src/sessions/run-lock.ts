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
import { ioFailure } from "@voxplain/core/node";

/** Who works on a result. */
export interface Worker {
  /** The name of its machine. */
  readonly host: string;
  /** Its process. */
  readonly pid: number;
  /** When that process began, as the system counts it: another one may have got its number since. */
  readonly started: string | null;
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
    ...{ host: hostname(), pid: process.pid, started: startOf(process.pid), kind },
    ...(shard !== undefined && { shard }),
  };
  const folder = sessionsFolder(path);
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  const marker = join(folder, `worker-${randomBytes(6).toString("hex")}.json`);
  if (breakLock) for (const file of [lock, ...markersIn(folder)]) rmSync(file, { force: true });
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

/** Who works on a result; those that ended without saying so are forgotten. */
export function workersOn(path: string): readonly Worker[] {
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  return [lock, ...markersIn(sessionsFolder(path))].map(liveWorker).filter((worker) => worker !== undefined);
}

function markersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^worker-[0-9a-f]+\.json$/.test(name));
  return names.map((name) => join(folder, name));
}

/** Makes a file with its content at once: nobody reads half of it. */
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

/** Who made a file; undefined where nobody did, or where it is known to have ended: its file is removed then. */
function liveWorker(file: string): Worker | undefined {
  const text = textOf(file);
  if (text === undefined) return undefined;
  const worker = workerIn(text);
  if (worker !== undefined && (worker.host !== hostname() || isAlive(worker))) return worker;
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

function isAlive({ pid, started }: Worker): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const now = startOf(pid);
  return started === null || now === null || started === now;
}

/** When a process began, in the ticks of Linux; null where the system does not say. */
function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program, in parentheses, may hold spaces.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
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
