import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { methodPage } from "./method-page.mjs";

const bin = fileURLToPath(new URL("../../../packages/cli/bin/voxplain.js", import.meta.url));

/**
 * The words behind `voxplain` that make the picture of a method's page, in the root of the repository.
 * @param {string} name - Of the method.
 */
export function pictureWords(name) {
  const options = methodPage(name).example;
  return [
    ...["interpret", "group", "sample/models/random_small", name, "--use_cpu", "--folds", "0", "--baseline"],
    ...["--nifti_template_path", "sample/template/colin27_t1_2mm.nii.gz", "--output_dir", "results"],
    ...["--method", name, ...(options.length > 0 ? ["--method_options", ...options] : [])],
  ];
}

/** Where it is, in that folder. */
export const pictureFile = (name) => `results/fold-0/gradients/best_balanced_accuracy/${name}/map.png`;

/**
 * Runs the command that makes the picture, after a build, and ends this program where it fails.
 * @param {string} name - Of the method.
 * @param {string} folder - Has `sample/`; the result is below it.
 * @returns {string} The folder of the result.
 */
export function explainSample(name, folder) {
  const words = pictureWords(name);
  console.log(["voxplain", ...words].join(" "));
  const { status } = spawnSync(process.execPath, [bin, ...words], { cwd: folder, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  return join(folder, pictureFile(name), "..");
}
