// node bench/release.mjs NAME: everything that bench/run.mjs measures, kept under the name, then the README and the generated
// pages of the documentation.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || rest.length > 0) throw new Error("usage: node bench/release.mjs NAME");
const cwd = fileURLToPath(new URL("..", import.meta.url));
const start = performance.now();

for (const args of [["bench/run.mjs", "--release", name], ["scripts/speed.mjs"]]) {
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: "inherit" });
  // What failed keeps its older figures, with their date; the others are written.
  if (status !== 0) process.exitCode = 1;
}
const { generate } = await import("../apps/docs/scripts/generate.mjs");
await generate();
console.log(`all in ${((performance.now() - start) / 60_000).toFixed(1)} minutes`);
