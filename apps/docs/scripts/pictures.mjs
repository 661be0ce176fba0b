// `node apps/docs/scripts/pictures.mjs [method …]`: the picture of each method's page, made from the sample by the
// command that the page shows. Takes some minutes for all of them.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { methods } from "@voxplain/saliency";
import { explainSample } from "./method-pictures.mjs";

// The canvas that the command line draws with.
const writers = createRequire(new URL("../../../packages/writers/package.json", import.meta.url));
const { createCanvas, loadImage } = writers("@napi-rs/canvas");

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pictures = fileURLToPath(new URL("../pages/methods/images", import.meta.url));
const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "voxplain-pictures-"));
mkdirSync(pictures, { recursive: true });

symlinkSync(join(root, "sample"), join(folder, "sample"), "junction");
for (const name of wanted.length > 0 ? wanted : Object.keys(methods)) {
  const result = explainSample(name, folder);
  writeFileSync(join(pictures, `${name}.webp`), await small(join(result, "map.png")));
}
rmSync(folder, { recursive: true });

/** The picture as wide as a page shows it on a dense screen. */
async function small(path) {
  const picture = await loadImage(path);
  const scale = Math.min(1, 1376 / picture.width);
  const canvas = createCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.encode("webp", 80);
}
