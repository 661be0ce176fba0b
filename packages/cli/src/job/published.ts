import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cleanBeside } from "@voxplain/core/node";
import { folderStore, sessionsFolder } from "@voxplain/results";

// The sessions of a result are removed when it has its name. A process that is killed between the two leaves sessions whose files
// are in the result: no other result may be made of them.

/** In a folder of sessions whose result is complete, and about to get its name. */
const publishing = "publishing";

/** Says in a folder of sessions that its result is complete: it has its name when it is not in this folder any more. */
export async function markPublishing(folder: string, { fsync }: { readonly fsync: boolean }): Promise<void> {
  await folderStore(folder, { fsync }).write(publishing, []).kept;
}

/** Whether the result of a folder of sessions has its name already. */
export function isPublished(folder: string): boolean {
  return existsSync(join(folder, publishing)) && !existsSync(join(folder, "result"));
}

/** Removes what processes that were killed left of a result. For whole runs and merges: others may still write sessions. */
export function cleanAfterKilled(path: string): void {
  cleanBeside(path);
  const folder = sessionsFolder(path);
  if (!isPublished(folder)) return;
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
