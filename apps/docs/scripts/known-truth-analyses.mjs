// What is computed from the maps of the cohort with known atrophy: the commands, and the rows that are kept of their results.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Methods with maps here, in the order of the page. */
export const methods = readFileSync(
  new URL("../../../tests/known-truth/maps/methods.txt", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n");

/** Regions of AAL with simulated atrophy in AD. */
export const affected = ["Hippocampus_L", "Hippocampus_R", "Amygdala_L", "Amygdala_R"];

const maps = "tests/known-truth/maps";
const brain = ["--mask", `${maps}/brain.nii.gz`];
const atlas = [
  ...["--atlas", "sample/template/aal_2mm.nii.gz"],
  ...["--labels", "sample/template/aal_labels.tsv"],
];

/** Grad-CAM is 0 everywhere for one session, which cannot be scaled. */
const scaledBy = (method, scale) => (method === "grad-cam" ? "none" : scale);

const compare = (method, name, ...options) => [
  ...["compare", `${maps}/${method}.tsv:AD`, `${maps}/${method}.tsv:CN`, name],
  ...[...brain, ...options, "--permutations", "1000", "--no_tfce", ...atlas],
];

/** The words of each command behind `voxplain`, run in the root of the repository; results are below a folder. */
export const commands = {
  signed: (method, folder) => [
    ...compare(method, "signed", "--normalize", scaledBy(method, "sd")),
    ...["--output_dir", folder],
  ],
  share: (method, folder) => [
    ...compare(method, "share", "--values", "absolute", "--normalize", scaledBy(method, "mass")),
    ...["--output_dir", folder],
  ],
  regions: (method, folder) => [
    ...["regions", `${maps}/${method}.tsv`, ...brain, ...atlas, "--output_dir", join(folder, "regions")],
  ],
  localize: (method, folder) => [
    ...["localize", `${maps}/${method}.tsv`, "--truth", `${maps}/truth.nii.gz`, ...brain],
    ...["--output_dir", join(folder, "localize")],
  ],
};

/** Methods whose maps the page shows, for the participant with the most atrophy. */
export const pictured = ["gradients", "integrated-gradients", "lrp", "grad-cam"];

const shown = "sub-SIM133";

/** Writes the table of images for `pictureOf`. */
export function writePicturedList(folder) {
  const image = fileURLToPath(new URL(`../../../tests/known-truth/${shown}.nii.gz`, import.meta.url));
  const rows = [
    ["participant_id", "session_id", "diagnosis", "image"],
    [shown, "ses-M00", "AD", image],
  ];
  writeFileSync(join(folder, "one.tsv"), rows.map((row) => `${row.join("\t")}\n`).join(""));
}

/** The command of a picture behind `voxplain`, run in the root of the repository, and the file that it draws below the folder. */
export function pictureOf(method, folder) {
  const words = [
    ...["interpret", "individual", "sample/models/random_small", method, "--use_cpu"],
    ...["--images", join(folder, "one.tsv"), "--target_diagnosis", "AD", "--method", method, "--folds", "0"],
    ...["--nifti_template_path", "sample/template/colin27_t1_2mm.nii.gz", "--output_dir", folder],
  ];
  return { words, file: `fold-0/gradients/best_balanced_accuracy/${method}/${shown}/ses-M00/map.png` };
}

/** The rows of a table, by column. */
export function readTable(path) {
  const [header, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const columns = header.split("\t");
  return lines.map((line) => {
    const cells = line.split("\t");
    return Object.fromEntries(columns.map((column, k) => [column, cells[k]]));
  });
}

/** The columns of the tables that are kept in `results/`. */
export const kept = {
  "comparisons.tsv": ["method", "analysis", "name", "t", "p_fwe"],
  "enrichment.tsv": ["method", "group", "name", "enrichment"],
  "localization.tsv": ["method", "group", "participant_id", "mass_share", "auroc", "pointing_game"],
};

/** The rows of one analysis of a method, for the table of `results/` that holds it. */
export function rowsOf(analysis, method, folder) {
  if (analysis === "signed" || analysis === "share") {
    return readTable(join(folder, analysis, "regions.tsv")).map((row) => ({ method, analysis, ...row }));
  }
  if (analysis === "regions") {
    const rows = readTable(join(folder, "regions/regions_groups.tsv"));
    return rows
      .filter(({ group, index }) => group !== "all" && index !== "0")
      .map((row) => ({ method, ...row }));
  }
  const groupOf = new Map(
    readTable(join(maps, `${method}.tsv`)).map(({ participant_id, group }) => [participant_id, group]),
  );
  return readTable(join(folder, "localize/localization.tsv")).map((row) => ({
    method,
    group: groupOf.get(row.participant_id),
    ...row,
  }));
}

/** The table of `results/` that holds an analysis. */
export const tableOf = {
  signed: "comparisons.tsv",
  share: "comparisons.tsv",
  regions: "enrichment.tsv",
  localize: "localization.tsv",
};
