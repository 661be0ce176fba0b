// `node apps/docs/scripts/known-truth-pictures.mjs`, in the root of the repository after a build: the pictures of the page on a cohort with
// known atrophy.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pictured, pictureOf, writePicturedList } from "./known-truth-analyses.mjs";
import { smallPicture } from "./small-picture.mjs";

const pictures = new URL("../pages/guide/images/known-truth/", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "known-truth-"));
writePicturedList(folder);
for (const method of pictured) {
  const { words, file } = pictureOf(method, folder);
  const { status } = spawnSync(process.execPath, ["packages/cli/bin/voxplain.js", ...words], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(new URL(`${method}.webp`, pictures), (await smallPicture(join(folder, file))).webp);
}
rmSync(folder, { recursive: true });
