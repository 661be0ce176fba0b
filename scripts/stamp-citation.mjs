// Gives the version of the command line and the date to what cites it: CITATION.cff, the copy that the command line prints
// from, and codemeta.json.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.cwd();
const read = (path) => readFileSync(join(folder, path), "utf8");
const { version } = JSON.parse(read("packages/cli/package.json"));
const before = read("CITATION.cff");
if (!before.includes(`\nversion: ${version}\n`)) {
  const today = new Date().toISOString().slice(0, 10);
  const stamped = before
    .replace(/^version: .*$/m, `version: ${version}`)
    .replace(/^date-released: .*$/m, `date-released: "${today}"`);
  for (const path of ["CITATION.cff", "packages/cli/CITATION.cff"])
    writeFileSync(join(folder, path), stamped);
  const codemeta = read("codemeta.json")
    .replace(/"version": ".*"/, `"version": "${version}"`)
    .replace(/"dateModified": ".*"/, `"dateModified": "${today}"`);
  writeFileSync(join(folder, "codemeta.json"), codemeta);
}
