import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ownerHasEnded, ownerName, ownerPattern } from "./process-owner.ts";

/** What is beside a result for a while: a new one, the older one that it replaces, and that one when it is not needed any more. */
type Kind = "incomplete" | "replaced" | "removed";

/** A new hidden name beside a result. It says whose it is, so that somebody else can remove what a killed process left. */
export function hiddenBeside(path: string, kind: Kind): string {
  return join(dirname(path), `${startOf(path)}${kind}-${ownerName()}-${randomBytes(4).toString("hex")}`);
}

/** Bytes of a name to which as many are added as a hidden name needs: systems allow 255 in all. */
const longestName = 160;

/** With what all that is beside a result begins: its name, of which a digest stands for the end where it is long. */
function startOf(path: string): string {
  const name = basename(path);
  if (Buffer.byteLength(name) <= longestName) return `.${name}.`;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return `.${Array.from(name)
    .slice(0, longestName / 4)
    .join("")}~${digest}.`;
}

/**
 * Gives a result its name back that it lost to a process which was killed while it replaced it. Where that is not permitted, nothing
 * happens.
 */
export function recoverResult(path: string): void {
  if (existsSync(path) && !isEmptyFolder(path)) return;
  const older = leftBeside(path)
    .filter(({ kind, folder }) => kind === "replaced" && !isEmptyFolder(folder))
    .map(({ folder }) => ({ folder, time: statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.time - a.time)[0];
  // Another one may have done it, or the file system is read-only.
  if (older !== undefined) tryTo(() => renameSync(older.folder, path));
}

/** What is removed beside a result. */
export interface CleaningOptions {
  /** Also what is there of processes of other machines and containers, of which nothing is known: they are said to have ended. Default: false. */
  readonly ofOthers?: boolean;
}

/**
 * Recovers a result, and removes what processes that have ended left beside it.
 * @returns The paths of what may be that of a process that works.
 */
export function cleanBeside(path: string, { ofOthers = false }: CleaningOptions = {}): readonly string[] {
  recoverResult(path);
  for (const { folder, owner } of leftBeside(path)) {
    // What cannot be removed does not matter: nothing is read from there.
    if (ofOthers || ownerHasEnded(owner)) tryTo(() => rmSync(folder, { recursive: true, force: true }));
  }
  return leftBeside(path).map(({ folder }) => folder);
}

/** Workflow engines make the folder of a result before the command runs. */
export function isEmptyFolder(path: string): boolean {
  const info = statSync(path, { throwIfNoEntry: false });
  return info?.isDirectory() === true && readdirSync(path).length === 0;
}

/**
 * Removes what a result replaced; its name goes first, so that a half-removed folder is never taken for the result. What cannot be
 * removed is left to the next start: the new result is complete.
 */
export function removeReplaced(path: string, replaced: string): void {
  const removed = hiddenBeside(path, "removed");
  tryTo(() => {
    renameSync(replaced, removed);
    rmSync(removed, { recursive: true, force: true });
  });
}

interface Left {
  readonly kind: Kind;
  readonly folder: string;
  readonly owner: string;
}

function leftBeside(path: string): readonly Left[] {
  const parent = dirname(path);
  const start = startOf(path);
  const pattern = new RegExp(`^(incomplete|replaced|removed)-(${ownerPattern})-[0-9a-f]{8}$`);
  return namesIn(parent).flatMap((name) => {
    const [, kind, owner] = (name.startsWith(start) && pattern.exec(name.slice(start.length))) || [];
    return owner === undefined ? [] : [{ kind: kind as Kind, folder: join(parent, name), owner }];
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** For what the next start does where it cannot be done now. */
export function tryTo(act: () => void): void {
  try {
    act();
  } catch {}
}
