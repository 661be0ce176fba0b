import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it. Node's own way of doing so never ends where the system refuses a folder as if the one above it were
 * not there, as in /proc, and has another reason for a read-only file system.
 * @param made - Gets each folder that was made, the outermost first.
 */
export function makeFolders(path: string, made: string[] = []): void {
  const missing: string[] = [];
  for (let folder = path; !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  for (const folder of missing) {
    try {
      mkdirSync(folder);
      made.push(folder);
    } catch (error) {
      // Another job may have made it meanwhile.
      if (!existsSync(folder)) throw error;
    }
  }
}
