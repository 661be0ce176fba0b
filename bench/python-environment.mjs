// The newest PyTorch that the package index serves and this machine can install, in a virtual environment of its own.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The newest release known when this was written, and its month: what counts where no package index answers. */
const newestKnown = { version: "2.15.0", date: "2026-10" };

/** How many versions are tried, the newest first. */
const mostTried = 3;
const beside = ["nibabel", "pandas", "matplotlib"];
const imported = ["torch", ...beside];
const base = ["/usr/bin/python3", "python3"].find((program) => run(program, ["-c", "0"]).status === 0);

/**
 * A Python program with PyTorch, its version, the newest version that the index names and that is known, and whether
 * this is the newest of the index (without an index: of all that are known); `whyNot` where there is no PyTorch.
 */
export function findPytorch() {
  const served = servedVersions();
  const newest = served?.[0];
  const facts = { newestServed: newest, newestKnown };
  const found = namedPython() ?? environmentOf(served ?? []) ?? installedPython();
  if (found === undefined)
    return { ...facts, whyNot: `no Python with ${imported.join(", ")} was found or made` };
  return { ...found, ...facts, isCurrent: !isOlder(found.version, newest ?? newestKnown.version) };
}

/** The versions of PyTorch that the package index serves today, the newest first; undefined where none answers. */
function servedVersions() {
  if (base === undefined) return undefined;
  const asked = ["-m", "pip", "index", "versions", "torch", "--retries", "1", "--timeout", "20"];
  const listed = /^Available versions: (.+)$/m.exec(run(base, asked, 300_000).stdout ?? "");
  return listed?.[1].split(", ").sort((a, b) => (isOlder(a, b) ? 1 : -1));
}

function namedPython() {
  const program = process.env.VOXPLAIN_BENCH_PYTHON;
  if (program === undefined) return undefined;
  const version = versionOf(program);
  if (version === undefined)
    throw new Error(`VOXPLAIN_BENCH_PYTHON has no ${imported.join(", ")}: ${program}`);
  return { program, version };
}

function installedPython() {
  const version = base && versionOf(base);
  return version && { program: base, version };
}

/** The environment of the newest version that can be installed; it is made once. */
function environmentOf(served) {
  for (const version of served.slice(0, mostTried)) {
    const folder = join(tmpdir(), `voxplain-bench-python-${version}`);
    const program = join(folder, "bin/python");
    const isThere = existsSync(program) && versionOf(program) !== undefined;
    if (isThere || install(folder, program, version)) return { program, version: versionOf(program) };
    console.error(`PyTorch ${version} cannot be installed here`);
  }
  return undefined;
}

function install(folder, program, version) {
  console.error(`installing PyTorch ${version} in ${folder} …`);
  rmSync(folder, { recursive: true, force: true });
  if (run(base, ["-m", "venv", "--system-site-packages", folder]).status !== 0) return false;
  const pip = (...args) =>
    run(program, ["-m", "pip", "install", "--retries", "1", ...args], 1_800_000).status === 0;
  for (const name of beside) {
    if (run(program, ["-c", `import ${name}`]).status !== 0) pip(name);
  }
  if (!pip(`torch==${version}`) && pip("--no-deps", `torch==${version}`)) {
    // A build for GPUs may need packages that this index does not serve, and that the processor does not need.
    for (const requirement of requirementsOf(program)) pip(requirement);
  }
  return sameRelease(versionOf(program), version);
}

/** What an installed PyTorch needs on this machine, without extras. */
function requirementsOf(program) {
  const listing = `
from importlib.metadata import requires
from pip._vendor.packaging.requirements import Requirement
for line in requires("torch"):
    requirement = Requirement(line)
    if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
        requirement.marker = None
        print(requirement)
`;
  return run(program, ["-c", listing]).stdout.trim().split("\n");
}

/** @throws Error where that takes minutes, on a busy machine: nothing is installed again because of it. */
function versionOf(program) {
  const importAll = `import ${imported.join(", ")}; print(torch.__version__)`;
  const { status, stdout, error } = run(program, ["-c", importAll], 600_000);
  if (error?.code === "ETIMEDOUT") throw new Error(`${program} takes too long to import PyTorch`);
  return status === 0 ? stdout.trim() : undefined;
}

function run(program, args, timeout = 120_000) {
  return spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout });
}

const numbers = (version) => version.split("+")[0].split(".").map(Number.parseFloat);

function sameRelease(version, other) {
  return version !== undefined && !isOlder(version, other) && !isOlder(other, version);
}

/** By the numbers of the release; what follows a plus names the build. */
function isOlder(version, other) {
  const [mine, theirs] = [numbers(version), numbers(other)];
  const at = mine.findIndex((number, place) => number !== theirs[place]);
  return at >= 0 && mine[at] < (theirs[at] ?? 0);
}
