import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cleanBeside, directory } from "@voxplain/core/node";
import { folderStore, sessionsFolder } from "@voxplain/results";
import { sha256OfFile } from "@voxplain/study/node";
import type { SplitOptions } from "./split-options.ts";

// The sessions of a result are removed when it has its name. A process that is killed between the two leaves sessions whose files
// are in the result: no other result may be made of them.

/** In a folder of sessions whose result is complete, and about to get its name: says which result that is. */
const publishing = "publishing";

/** Says in a folder of sessions that its result is complete. */
export async function markPublishing(
  folder: string,
  result: string,
  { fsync }: { readonly fsync: boolean },
): Promise<void> {
  const mark = (await markOf(result)) ?? "";
  await folderStore(folder, { fsync }).write(publishing, [new TextEncoder().encode(mark)]).kept;
}

/** Whether the result of a folder of sessions has its name already. */
export async function isPublished(path: string): Promise<boolean> {
  const marked = textOf(join(sessionsFolder(path), publishing));
  return marked !== undefined && marked === (await markOf(path));
}

/** No two results have the same record. */
async function markOf(result: string): Promise<string | undefined> {
  const record = "provenance.json";
  return existsSync(join(result, record)) ? sha256OfFile(directory(result), record) : undefined;
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/**
 * Removes what processes that were killed left of a result. For whole runs and merges: others may still write sessions.
 * @param say - Called with a sentence about what stays, because its owner may still work on another machine.
 */
export async function cleanAfterKilled(
  path: string,
  { break_lock: ofOthers }: Pick<SplitOptions, "break_lock">,
  say: (line: string) => void,
): Promise<void> {
  const left = cleanBeside(path, { ofOthers });
  if (left.length > 0) {
    const it = left.length === 1 ? "it" : "them";
    say(
      `left by a process of another machine or container: ${left.join(", ")}; if it has ended, --break_lock removes ${it}`,
    );
  }
  const folder = sessionsFolder(path);
  if (!existsSync(folder)) return;
  const mark = join(folder, publishing);
  if (existsSync(join(folder, "job")) && !existsSync(mark)) return;
  // An older result is there if it changed places with the new one, which somebody has removed or replaced since.
  const isComplete = existsSync(mark) && textOf(mark) === (await markOf(join(folder, "result")));
  if (isComplete && !(await isPublished(path))) {
    rmSync(mark);
    return;
  }
  forgetSessions(folder);
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/** Removes what is in a folder of sessions, but not who works on it. */
export function forgetSessions(folder: string): void {
  if (!existsSync(folder)) return;
  // Without the record of their job, sessions count for nothing: a process that is killed here leaves no half of them.
  const names = ["job", ...readdirSync(folder)].filter((name) => !name.startsWith("worker-"));
  for (const name of names) rmSync(join(folder, name), { recursive: true, force: true });
}
