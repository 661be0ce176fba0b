// Gives CITATION.cff, and the copy that the command line prints from, the version of the command line and the date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.cwd();
const { version } = JSON.parse(readFileSync(join(folder, "packages/cli/package.json"), "utf8"));
const before = readFileSync(join(folder, "CITATION.cff"), "utf8");
if (!before.includes(`\nversion: ${version}\n`)) {
  const today = new Date().toISOString().slice(0, 10);
  const stamped = before
    .replace(/^version: .*$/m, `version: ${version}`)
    .replace(/^date-released: .*$/m, `date-released: "${today}"`);
  for (const path of ["CITATION.cff", "packages/cli/CITATION.cff"])
    writeFileSync(join(folder, path), stamped);
}
