// Makes the map that the page opens with, from the shipped sample: three pictures of a few kilobytes for the first moment, and the
// volumes that the viewer draws. Run `pnpm build` first; `node apps/explorer/scripts/first-map.mjs` writes public/first.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { readImageFile, readNifti } from "@voxplain/caps-io";
import { directory } from "@voxplain/core/node";
import { encodeNifti } from "@voxplain/writers";
import { renderPlanes } from "@voxplain/writers/pictures";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { createCanvas, loadImage } = createRequire(join(root, "packages/writers/package.json"))(
  "@napi-rs/canvas",
);
const target = fileURLToPath(new URL("../public/first", import.meta.url));
const session = "sub-SIM001";

/** Where the planes are in the figure, which is drawn for one size of image. */
const planes = {
  sagittal: [41, 124, 466, 403],
  coronal: [535, 124, 380, 403],
  axial: [943, 92, 380, 466],
};

/** Digits that are shown, and not the noise behind them, which no program compresses: 14 bits, 6 · 10⁻⁵ of each value. */
function rounded(values) {
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  return new Float32Array(bits.map((value) => (value + 0x200) & ~0x3ff).buffer);
}

/** Grey levels of one byte, as NIfTI. */
function greyLevels({ data, shape, affine }) {
  const [low, high] = data.reduce(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [Infinity, -Infinity],
  );
  const bytes = encodeNifti({
    data: data.map((value) => Math.round((255 * (value - low)) / (high - low))),
    shape,
    affine,
  });
  const header = bytes.slice(0, 352);
  const view = new DataView(header.buffer, header.byteOffset);
  view.setInt16(70, 2, true); // DT_UINT8
  view.setInt16(72, 8, true); // bits
  view.setFloat32(108, 352, true);
  const levels = new Float32Array(bytes.slice(352).buffer);
  return Buffer.concat([header, Uint8Array.from(levels)]);
}

const folder = mkdtempSync(join(tmpdir(), "voxplain-first-"));
cpSync(join(root, "sample/models/random_small"), join(folder, "model"), { recursive: true });
writeFileSync(join(folder, "one.tsv"), `participant_id\tsession_id\tdiagnosis\n${session}\tses-M00\tAD\n`);
const template = join(root, "sample/template/colin27_t1_2mm.nii.gz");
execFileSync(process.execPath, [
  ...[join(root, "packages/cli/bin/voxplain.js"), "interpret", "individual", join(folder, "model"), "first"],
  ...[
    "--use_cpu",
    "--folds",
    "0",
    "--caps_dir",
    join(root, "sample/caps"),
    "--tsv_path",
    join(folder, "one.tsv"),
  ],
  ...["--diagnosis", "AD", "--nifti_template_path", template],
]);
const made = join(folder, "model/fold-0/gradients/best_balanced_accuracy/first", session, "ses-M00");
const map = await readNifti(readFileSync(join(made, "map.nii.gz")), "map");
const caps = `subjects/${session}/ses-M00/deeplearning_prepare_data/image_based/t1_linear`;
const name = `${session}_ses-M00_T1w_space-MNI152NLin2009cSym_desc-Crop_res-2x2x2_T1w.pt`;
const { values } = await readImageFile(directory(join(root, "sample/caps")), `${caps}/${name}`);
const anatomy = { data: values.data, shape: map.shape, affine: map.affine };
rmSync(folder, { recursive: true });

mkdirSync(target, { recursive: true });
const small = { ...map, data: rounded(map.data) };
writeFileSync(
  join(target, "map.nii.gz"),
  gzipSync(encodeNifti(small, { description: "Voxplain: gradients, class 1" }), { level: 9 }),
);
writeFileSync(join(target, "anatomy.nii.gz"), gzipSync(greyLevels(anatomy), { level: 9 }));
const figure = await loadImage(await renderPlanes(map, anatomy));
for (const [plane, [x, y, width, height]] of Object.entries(planes)) {
  const canvas = createCanvas(width, height);
  canvas.getContext("2d").drawImage(figure, x, y, width, height, 0, 0, width, height);
  writeFileSync(join(target, `${plane}.webp`), await canvas.encode("webp", 82));
}
