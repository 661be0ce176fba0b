// `node apps/docs/scripts/known-truth-pictures.mjs COHORT`, in the root of the repository after a build: the pictures of the page on a
// cohort with known atrophy. COHORT is the folder that tests/known-truth/make_cohort.py wrote.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { smallPicture } from "./small-picture.mjs";

const [cohort] = process.argv.slice(2);
if (cohort === undefined) throw new Error("name the folder that tests/known-truth/make_cohort.py wrote");

/** With the most atrophy. */
const participant = "sub-SIM133";
const pictures = new URL("../pages/guide/images/known-truth/", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "known-truth-"));

const [header, ...rows] = readFileSync(join(cohort, "cohort.tsv"), "utf8").trimEnd().split("\n");
const image = header.split("\t").indexOf("image");
const row = rows.find((one) => one.startsWith(`${participant}\t`))?.split("\t") ?? [];
const cells = row.map((cell, column) => (column === image ? resolve(cohort, cell) : cell));
const list = join(folder, "one.tsv");
writeFileSync(list, `${header}\n${cells.join("\t")}\n`);

for (const method of ["gradients", "integrated-gradients", "lrp", "grad-cam"]) {
  const words = [
    ...["interpret", "individual", "sample/models/random_small", method, "--use_cpu", "--images", list],
    ...["--target_diagnosis", "AD", "--method", method, "--folds", "0", "--output_dir", folder],
    ...["--nifti_template_path", "sample/template/colin27_t1_2mm.nii.gz"],
  ];
  const { status } = spawnSync(process.execPath, ["packages/cli/bin/voxplain.js", ...words], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
  const result = join(folder, "fold-0/gradients/best_balanced_accuracy", method, participant, "ses-M00");
  writeFileSync(new URL(`${method}.webp`, pictures), (await smallPicture(join(result, "map.png"))).webp);
}
rmSync(folder, { recursive: true });
