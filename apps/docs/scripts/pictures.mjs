// `node apps/docs/scripts/pictures.mjs [method …]`: the picture of each method's page, made from the sample by the
// command that the page shows. Takes some minutes for all of them.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { methods } from "@voxplain/saliency";
import { methodPage } from "./method-page.mjs";

// The canvas that the command line draws with.
const writers = createRequire(new URL("../../../packages/writers/package.json", import.meta.url));
const { createCanvas, loadImage } = writers("@napi-rs/canvas");

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pictures = fileURLToPath(new URL("../pages/methods/images", import.meta.url));
const wanted = process.argv.slice(2);
const output = mkdtempSync(join(tmpdir(), "voxplain-pictures-"));
mkdirSync(pictures, { recursive: true });

for (const name of wanted.length > 0 ? wanted : Object.keys(methods)) {
  const options = methodPage(name).example;
  const { status } = spawnSync(
    process.execPath,
    [
      "packages/cli/bin/voxplain.js",
      ...[
        "interpret",
        "group",
        "sample/models/random_small",
        name,
        "--use_cpu",
        "--folds",
        "0",
        "--baseline",
      ],
      ...["--nifti_template_path", "sample/template/colin27_t1_2mm.nii.gz", "--output_dir", output],
      ...["--method", name, ...(options.length > 0 ? ["--method_options", ...options] : [])],
    ],
    { cwd: root, stdio: "inherit" },
  );
  if (status !== 0) process.exit(status ?? 1);
  const result = join(output, "fold-0/gradients/best_balanced_accuracy", name, "map.png");
  writeFileSync(join(pictures, `${name}.webp`), await small(result));
}
rmSync(output, { recursive: true });

/** The picture as wide as a page shows it on a dense screen. */
async function small(path) {
  const picture = await loadImage(path);
  const scale = Math.min(1, 1376 / picture.width);
  const canvas = createCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.encode("webp", 80);
}
