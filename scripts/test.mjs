// `npm test`: installs, builds, and runs every check. The last line counts them all.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, runBeside, tool, toolBeside } from "./workspace.mjs";

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

/** A check that runs beside another: its output and its verdict are printed when it has ended. */
async function checkBeside(title, ending) {
  const { status, output } = await ending;
  process.stdout.write(output);
  return check(title, status);
}

const script = (file) => runBeside(process.execPath, [file]);
const plain = process.stdout.isTTY ? [] : ["--colors=off"];

/** The site is there before the tests, one of which opens it in a browser. */
async function builds() {
  const build = toolBeside(["turbo", "run", "build", "--output-logs=errors-only"]);
  if (!(await checkBeside("build", build))) return false;
  await checkBeside("documentation site", script("apps/docs/scripts/build.mjs"));
  return true;
}

async function checksOfSources() {
  await checkBeside("format and lint", toolBeside(["biome", "ci", ".", ...plain]));
  await checkBeside("types", toolBeside(["tsc", "--noEmit"]));
}

/** Knip reads settings of tools, one of which imports a package as built. */
async function checksOfBuild() {
  await checkBeside("bundles for browsers", script("scripts/check-bundles.mjs"));
  await checkBeside("unused files, exports and dependencies", toolBeside(["knip"]));
}

if (check("install", install())) {
  // Each of them mostly keeps one core busy; the tests take two.
  const [isBuilt] = await Promise.all([builds(), checksOfSources()]);
  if (isBuilt) {
    tests();
    await Promise.all([
      checkBeside("packages, packed and installed elsewhere", script("scripts/check-packed.mjs")),
      checksOfBuild(),
    ]);
  }
}

console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
