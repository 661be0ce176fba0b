// `node apps/docs/scripts/gallery.mjs [method …]`, after a build: the picture of the landing page and those of the gallery, all through the same
// planes of the same brain, each made from the sample by the command that is printed. Takes some minutes for all methods.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readNifti } from "@voxplain/caps-io";
import { methods } from "@voxplain/saliency";
import { openCheckpoint, rootTensor } from "@voxplain/torch-checkpoint";
import { brainPicture } from "./brain-picture.mjs";
import { explainSample, pictureFile } from "./method-pictures.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = fileURLToPath(new URL("../pages/images/", import.meta.url));
const scales = new URL("../pages/images/gallery/scales.json", import.meta.url);
/** In both hippocampi and both amygdalae: y = −19 mm, z = −14 mm. */
const voxel = [58, 50, 32];
/** Hippocampus and amygdala, left and right, in the atlas of the sample. */
const simulated = [37, 38, 41, 42];

mkdirSync(join(folder, "gallery"), { recursive: true });
// A folder that has `results/` from an earlier run can be given, to draw its maps again.
const given = process.env.VOXPLAIN_GALLERY_RESULTS;
const output = given ?? mkdtempSync(join(tmpdir(), "voxplain-gallery-"));
if (given === undefined) symlinkSync(join(root, "sample"), join(output, "sample"), "junction");
const anatomy = await meanOfSessions();
const truth = await readTruth();
const ends = existsSync(scales) ? JSON.parse(readFileSync(scales, "utf8")) : {};
const wanted = process.argv.slice(2);

for (const name of wanted.length > 0 ? wanted : Object.keys(methods)) {
  const result = join(output, pictureFile(name), "..");
  if (!existsSync(join(result, "map.nii.gz"))) explainSample(name, output);
  const map = await readNifti(readFileSync(join(result, "map.nii.gz")), "map.nii.gz");
  const volumes = { map, anatomy: { ...map, data: anatomy }, truth: { ...map, data: truth } };
  const { webp, vmax } = await brainPicture(volumes, { voxel, planes: ["coronal", "axial"], scale: 4 });
  writeFileSync(join(folder, "gallery", `${name}.webp`), webp);
  ends[name] = vmax;
  if (name !== "gradients") continue;
  const large = await brainPicture(volumes, { voxel, planes: ["sagittal", "coronal", "axial"], scale: 6 });
  writeFileSync(join(folder, "landing.webp"), large.webp);
}
const known = Object.keys(methods).filter((name) => name in ends);
writeFileSync(
  scales,
  `${JSON.stringify(Object.fromEntries(known.map((name) => [name, ends[name]])), null, 2)}\n`,
);
if (given === undefined) rmSync(output, { recursive: true });

/** The mean image of the sessions that the maps are the mean of. */
async function meanOfSessions() {
  const rows = readFileSync(join(root, "sample/labels/AD_baseline.tsv"), "utf8").trim().split("\n").slice(1);
  const sum = [];
  for (const [participant, session] of rows.map((row) => row.split("\t"))) {
    const name = `${participant}_${session}_T1w_space-MNI152NLin2009cSym_desc-Crop_res-2x2x2_T1w.pt`;
    const below = `subjects/${participant}/${session}/deeplearning_prepare_data/image_based/t1_linear/${name}`;
    const tensor = rootTensor(await openCheckpoint(readFileSync(join(root, "sample/caps", below)), { name }));
    const { data } = await tensor.read();
    const high = data.reduce((most, value) => Math.max(most, value), 0);
    data.forEach((value, n) => {
      sum[n] = (sum[n] ?? 0) + value / high / rows.length;
    });
  }
  return Float32Array.from(sum);
}

async function readTruth() {
  const { data } = await readNifti(
    readFileSync(join(root, "sample/template/aal_2mm.nii.gz")),
    "aal_2mm.nii.gz",
  );
  return Float32Array.from(data, (label) => Number(simulated.includes(label)));
}
