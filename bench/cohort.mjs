// A cohort of full-size images in the folder for temporary files, made once.
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { make } from "./pytorch.mjs";

export function cohort(sessions) {
  const folder = join(tmpdir(), `voxplain-bench-${sessions}`);
  if (!existsSync(join(folder, "labels/AD.tsv"))) {
    console.error(`making ${sessions} full-size sessions in ${folder} …`);
    make("make_cohort.py", [folder, String(sessions)]);
  }
  return folder;
}

/** The model folder of the cohort for an architecture: of whole images, patches or slices. */
export function modelFor(folder, architecture) {
  const mode = { Conv4_FC3: "patch", resnet18: "slice" }[architecture];
  if (mode === undefined) return join(folder, "model");
  const model = join(folder, `${mode}-model`);
  if (!existsSync(join(model, "commandline.json"))) make("make_part_model.py", [folder, mode]);
  return model;
}
