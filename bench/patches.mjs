// `voxplain interpret group` of a patch model from start to end, and a PyTorch script that does the same.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeNpy, float32Values } from "@voxplain/core";
import { cohort, modelFor } from "./cohort.mjs";
import { sizes } from "./sizes.mjs";
import { compareProcesses, interpretGroup, pythonScript } from "./whole-process.mjs";

const batch = "2";

/**
 * Both programs read an image once, and take as many patches at once; the settings of PyTorch are tried on one
 * session. */
export function patches() {
  const { sessions } = sizes;
  const folder = cohort(sessions);
  const model = modelFor(folder, "Conv4_FC3");
  const ours = () => interpretGroup(model, ["--batch_size", batch]);
  const theirs = (of) => (env) => pythonScript("pytorch_patches.py", of, [batch], env);
  const one = cohort(1);
  modelFor(one, "Conv4_FC3");
  const written = (our, their) => ({
    mapsDiffer: relativeDifference(
      join(our, "fold-0/gradients/best_balanced_accuracy/bench/recomposed.npy"),
      join(their, "recomposed.npy"),
    ),
  });
  const what = `interpret group, 36 patches of 50×50×50 a session, sessions: ${sessions}`;
  return compareProcesses(what, ours, theirs(folder), {
    written,
    trial: theirs(one),
    rounds: sizes.longProcesses,
  });
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
