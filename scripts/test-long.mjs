// `npm run test:long`: every check of `npm test` with all cases and longer fuzzing, the packed packages in every package manager,
// runtime and bundler, and the tests of what runs in Node in every supported version of it. Hours on a small machine: weekly, and before a release.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { majorOf, nodeOf, supportedNodes, thisNode } from "./node-versions.mjs";
import { run } from "./workspace.mjs";

process.env.VOXPLAIN_LONG_TESTS = "1";
process.env.VOXPLAIN_FUZZ_SECONDS ??= "30";

/** Browsers, documents and the zoo do not depend on the version of Node. */
const inEveryNode = [
  ...["core", "torch-checkpoint", "onnx-graph", "model-loader", "caps-io", "writers", "runtime-node"],
  ...["saliency", "group-analysis", "study", "results", "report", "sample", "cli"],
].map((name) => `packages/${name}/`);

const failed = [];
if (run(process.execPath, ["scripts/test.mjs"]) !== 0) failed.push(`npm test in Node ${thisNode.version}`);

if (run(process.execPath, ["scripts/check-installs.mjs"]) !== 0)
  failed.push("the packages outside the workspace");

const folder = mkdtempSync(join(tmpdir(), "voxplain-nodes-"));
try {
  for (const major of supportedNodes.filter((one) => one !== majorOf(thisNode))) {
    const node = nodeOf(major, join(folder, major));
    if (node.path === undefined) {
      console.log(`skipped: the tests in Node ${major}: ${node.reason}`);
      continue;
    }
    const status = run(node.path, ["node_modules/vitest/vitest.mjs", "run", ...inEveryNode]);
    console.log(`${status === 0 ? "ok" : "FAILED"}: the tests in Node ${node.version}\n`);
    if (status !== 0) failed.push(`the tests in Node ${node.version}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(failed.length === 0 ? "all long tests passed" : `FAILED: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
