// `node apps/docs/scripts/pictures.mjs [method …]`: the picture of each method's page, made from the sample by the
// command that the page shows. Takes some minutes for all of them.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { methods } from "@voxplain/saliency";
import { explainSample } from "./method-pictures.mjs";
import { smallPicture } from "./small-picture.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pictures = fileURLToPath(new URL("../pages/methods/images", import.meta.url));
const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "voxplain-pictures-"));
mkdirSync(pictures, { recursive: true });

symlinkSync(join(root, "sample"), join(folder, "sample"), "junction");
for (const name of wanted.length > 0 ? wanted : Object.keys(methods)) {
  const result = explainSample(name, folder);
  writeFileSync(join(pictures, `${name}.webp`), (await smallPicture(join(result, "map.png"))).webp);
}
rmSync(folder, { recursive: true });
