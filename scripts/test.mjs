// `npm test`: installs, builds, and runs every check. The last line counts them all.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, run, tool } from "./workspace.mjs";

const counts = { passed: 0, failed: 0, skipped: 0 };

function check(title, status) {
  console.log(`${status === 0 ? "ok" : "FAILED"}: ${title}\n`);
  counts[status === 0 ? "passed" : "failed"]++;
  return status === 0;
}

/** vitest counts for itself; a crash before it could is one failure. */
function tests() {
  const folder = mkdtempSync(join(tmpdir(), "voxplain-test-"));
  const report = join(folder, "report.json");
  const status = tool([
    "vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  if (!existsSync(report)) return check("tests", 1);
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  rmSync(folder, { recursive: true });
  const isSkipped = ({ status: ofTest }) => ofTest === "pending" || ofTest === "skipped" || ofTest === "todo";
  for (const { assertionResults } of testResults) {
    for (const { fullName } of assertionResults.filter(isSkipped)) console.log(`skipped: ${fullName}`);
  }
  counts.passed += numPassedTests;
  counts.failed += numFailedTests;
  counts.skipped += numPendingTests + numTodoTests;
  // A file that cannot be loaded fails the run without a failed test.
  if (status !== 0 && numFailedTests === 0) check("test files", status);
}

if (check("install", install())) {
  check("format and lint", tool(["biome", "ci", ".", ...(process.stdout.isTTY ? [] : ["--colors=off"])]));
  check("types", tool(["tsc", "--noEmit"]));
  if (check("build", tool(["turbo", "run", "build", "--output-logs=errors-only"]))) {
    // Before the tests: one of them opens the site in a browser.
    check("documentation site", run(process.execPath, ["apps/docs/scripts/build.mjs"]));
    tests();
    check("packages as published", tool(["turbo", "run", "check:package", "--output-logs=errors-only"]));
    check("bundles for browsers", run(process.execPath, ["scripts/check-bundles.mjs"]));
    check("packages, packed and installed elsewhere", run(process.execPath, ["scripts/check-packed.mjs"]));
  }
  check("unused files, exports and dependencies", tool(["knip"]));
}

console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
