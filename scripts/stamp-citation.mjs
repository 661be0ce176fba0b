// Run behind `changeset version`, in the root folder. Gives the version of the command line and the date to what cites it:
// CITATION.cff, the copy that the command line prints from, and codemeta.json.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.cwd();
const manifest = "packages/cli/package.json";
const read = (path) => readFileSync(join(folder, path), "utf8");
const { version } = JSON.parse(read(manifest));
const committed = spawnSync("git", ["show", `HEAD:${manifest}`], { cwd: folder, encoding: "utf8" });
if (committed.status !== 0)
  throw new Error(committed.stderr || "git, which knows the version before, cannot be run");
if (JSON.parse(committed.stdout).version !== version) {
  const today = new Date().toISOString().slice(0, 10);
  const stamped = read("CITATION.cff")
    .replace(/^version: .*$/m, `version: ${version}`)
    .replace(/^date-released: .*$/m, `date-released: "${today}"`);
  for (const path of ["CITATION.cff", "packages/cli/CITATION.cff"])
    writeFileSync(join(folder, path), stamped);
  const codemeta = read("codemeta.json")
    .replace(/"version": ".*"/, `"version": "${version}"`)
    .replace(/"dateModified": ".*"/, `"dateModified": "${today}"`);
  writeFileSync(join(folder, "codemeta.json"), codemeta);
}
