// `voxplain interpret group` of a patch model from start to end, and a PyTorch script that does the same.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeNpy, float32Values } from "@voxplain/core";
import { cohort } from "./cohort.mjs";
import { python, script } from "./python.mjs";
import { median } from "./statistics.mjs";
import { measure } from "./whole-process.mjs";

const bin = fileURLToPath(new URL("../packages/cli/bin/voxplain.js", import.meta.url));

/** Sessions of 36 patches; both programs take as many patches at once. PyTorch reads an image once, or for each patch. */
export async function patches({ rounds = 3, sessions = 8, batch = 2 } = {}) {
  const folder = cohort(sessions);
  const model = join(folder, "patch-model");
  if (!existsSync(join(model, "commandline.json"))) {
    const { status } = spawnSync(python, [script("make_patch_model.py"), folder], { stdio: "inherit" });
    if (status !== 0) throw new Error("the patch model could not be made");
  }
  const output = join(tmpdir(), "voxplain-bench-patches");
  const result = join(output, "ours/fold-0/gradients/best_balanced_accuracy/bench");
  const ours = [];
  const theirs = [];
  const theirsEach = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(
      await measure(process.execPath, [
        ...[bin, "interpret", "group", model, "bench", "--use_cpu", "--overwrite"],
        ...["--output_dir", join(output, "ours"), "--batch_size", String(batch)],
      ]),
    );
    const args = [script("pytorch_patches.py"), folder, join(output, "theirs"), String(batch)];
    theirs.push(await measure(python, [...args, "once"]));
    theirsEach.push(await measure(python, [...args, "each"]));
  }
  const difference = relativeDifference(
    join(result, "recomposed.npy"),
    join(output, "theirs/recomposed.npy"),
  );
  rmSync(output, { recursive: true });
  const ratioTo = (runs) => median(runs.map(({ seconds }, k) => seconds / ours[k].seconds));
  return { ours, theirs, theirsEach, ratio: ratioTo(theirs), ratioEach: ratioTo(theirsEach), difference };
}

/** That both compute the same: relative L2 of the two float32 maps. */
function relativeDifference(first, second) {
  const read = (path) => float32Values(decodeNpy(readFileSync(path), path));
  const [a, b] = [read(first), read(second)];
  let difference = 0;
  let norm = 0;
  for (let k = 0; k < b.length; k++) {
    difference += (a[k] - b[k]) ** 2;
    norm += b[k] ** 2;
  }
  return Math.sqrt(difference / norm);
}
