import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ioFailure } from "./io-failure.ts";
import { ownerHasEnded, ownerName, ownerPattern } from "./process-owner.ts";

/**
 * Makes a folder for temporary files, and removes those that processes which were killed left. The caller removes it.
 * @throws VoxplainError `io-failure` where it cannot be made.
 */
export function temporaryFolder(): string {
  const parent = tmpdir();
  try {
    removeLeft(parent);
    return mkdtempSync(join(parent, `voxplain-${ownerName()}-`));
  } catch (error) {
    return temporaryFailure("write", parent)(error);
  }
}

/** `ioFailure` for temporary files, which may be elsewhere. */
export function temporaryFailure(action: "read" | "write", path: string): (error: unknown) => never {
  return ioFailure(action, path, "name another folder for temporary files (TMPDIR)");
}

function removeLeft(parent: string): void {
  const pattern = new RegExp(`^voxplain-(${ownerPattern})-[A-Za-z0-9]{6}$`);
  for (const name of readdirSync(parent)) {
    const [, owner] = pattern.exec(name) ?? [];
    if (owner === undefined || !ownerHasEnded(owner)) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // It belongs to another user.
    }
  }
}
