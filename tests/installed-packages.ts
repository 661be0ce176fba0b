import { symlinkSync } from "node:fs";
import { join } from "node:path";

/** Gives a project the packages that `scripts/check-packed.mjs` packed and installed outside the workspace. */
export function linkInstalled(project: string): void {
  const installed = process.env.VOXPLAIN_INSTALLED;
  if (installed === undefined) throw new RangeError("scripts/check-packed.mjs runs these tests");
  symlinkSync(join(installed, "node_modules"), join(project, "node_modules"), "junction");
}
