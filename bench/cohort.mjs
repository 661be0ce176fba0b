// A cohort of full-size images in the folder for temporary files, made once.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { python, script } from "./python.mjs";

export function cohort(sessions) {
  const folder = join(tmpdir(), `voxplain-bench-${sessions}`);
  if (!existsSync(join(folder, "labels/AD.tsv"))) {
    console.error(`making ${sessions} full-size sessions in ${folder} …`);
    const { status } = spawnSync(python, [script("make_cohort.py"), folder, String(sessions)], {
      stdio: "inherit",
    });
    if (status !== 0) throw new Error("the cohort could not be made");
  }
  return folder;
}
