// Behind `npm run docs`: the pages of the API, the parts of pages that are made from the code, and the site in `dist`.
// Dead links, undocumented exports and warnings of TypeDoc end it.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { correctAnchors } from "./api-anchors.mjs";
import { generate } from "./generate.mjs";

const cwd = fileURLToPath(new URL("..", import.meta.url));

function step(title, command, ...args) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    shell: process.platform === "win32",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${title}: ${status === 0 ? `${seconds} s` : "failed"}`);
  if (status !== 0) {
    console.error(stdout + stderr);
    process.exit(1);
  }
}

await generate();
step("API", "node_modules/.bin/typedoc");
correctAnchors();
step("site", "node_modules/.bin/vitepress", "build");
