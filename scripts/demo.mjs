// `npm run demo`: installs, builds, and explains the shipped sample as a user would.
import { join } from "node:path";
import { install, root, run, tool } from "./workspace.mjs";

function step(title, status) {
  if (status === 0) return;
  console.error(`${title} failed`);
  process.exit(1);
}

function voxplain(...args) {
  console.log(`\n$ npx voxplain ${args.join(" ")}`);
  step("voxplain", run(process.execPath, [join(root, "packages/cli/bin/voxplain.js"), ...args]));
}

const output = "demo-output";
const options = ["--use_cpu", "--folds", "0", "--output_dir", output, "--overwrite"];
const template = ["--nifti_template_path", "sample/template/colin27_t1_2mm.nii.gz"];

step("install", install());
step("build", tool(["turbo", "run", "build", "--output-logs=errors-only"]));
voxplain("inspect", "sample/models/random_small");
voxplain("interpret", "group", "sample/models/random_small", "AD", ...options, ...template);
voxplain("interpret", "individual", "sample/models/random_small", "AD_individual", ...options, ...template);

const results = join(root, output, "fold-0/gradients/best_balanced_accuracy");
console.log(`
The maps are in
  ${results}
and the group map over the anatomy is in
  ${join(results, "AD", "map.png")}`);
