// Packs every package, checks the tarball by publint and "Are the types wrong?", installs each into an empty project outside the workspace, beside what its README says is to
// be installed and nothing else, and runs there the README's example: in this Node and the newest that is supported (with
// VOXPLAIN_LONG_TESTS=1 in all of them), and, where the package is for browsers, bundled by Vite in Chromium. Then runs
// the programs of the README and of the documentation site in a project with all packages. Prints a line for each.
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { majorOf, nodeOf, supportedNodes, thisNode } from "./node-versions.mjs";
import { printedInChromium } from "./packed/in-chromium.mjs";
import { publishedComplaints } from "./packed/published.mjs";
import { typeComplaints } from "./packed/types.mjs";
import { browserExample, firstExample, installedPackages } from "./readme-examples.mjs";
import { pnpm, root, tool } from "./workspace.mjs";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "voxplain-packed-")));
const counts = { passed: 0, failed: 0 };

/** @param {string} claim @param {string} complaint - "" where there is none. */
function report(claim, complaint) {
  counts[complaint === "" ? "passed" : "failed"]++;
  console.log(complaint === "" ? `ok: ${claim}` : `FAILED: ${claim}\n${complaint}`);
}

/** A project with every package, and what the quick start installs beside them. */
const everything = "everything";

const projects = readdirSync(join(root, "packages"))
  .filter((name) => existsSync(join(root, "packages", name, "package.json")))
  .map((name) => {
    const readme = readFileSync(join(root, "packages", name, "README.md"), "utf8");
    return {
      name,
      path: join(folder, name),
      dependencies: installedPackages(readme),
      example: firstExample(readme),
      inBrowsers: browserExample(readme),
    };
  });

const packed = join(folder, "tarballs");

/** Tarballs of all packages, and an empty project for each. Nothing is hoisted: only what is declared is found. */
function installProjects() {
  const quiet = { stdio: ["ignore", "ignore", "inherit"] };
  if (pnpm(["-r", "--filter", "./packages/*", "pack", "--pack-destination", packed], quiet) !== 0)
    return false;
  const tarballs = Object.fromEntries(
    readdirSync(packed).map((file) => [
      file.replace(/^voxplain-(.*)-\d+\.\d+\.\d+.*$/, "@voxplain/$1"),
      file,
    ]),
  );
  const overrides = Object.entries(tarballs).map(
    ([name, file]) => `  "${name}": "file:${join(packed, file)}"`,
  );
  const workspace = ["packages:", '  - "*"', "overrides:", ...overrides, "autoInstallPeers: false", ""];
  writeFileSync(join(folder, "pnpm-workspace.yaml"), workspace.join("\n"));
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  for (const { name, path, dependencies } of projects) {
    mkdirSync(path);
    symlinkSync(join(root, "sample"), join(path, "sample"), "junction");
    const manifest = {
      name: `project-${name}`,
      private: true,
      type: "module",
      dependencies,
    };
    writeFileSync(join(path, "package.json"), JSON.stringify(manifest, null, 2));
  }
  const quickStart = readFileSync(join(root, "apps/docs/pages/guide/quick-start.md"), "utf8");
  const names = projects.map(({ name }) => [`@voxplain/${name}`, "*"]);
  mkdirSync(join(folder, everything));
  const manifest = {
    name: `project-of-${everything}`,
    private: true,
    type: "module",
    dependencies: { ...Object.fromEntries(names), ...installedPackages(quickStart.replaceAll("\\\n", " ")) },
  };
  writeFileSync(join(folder, everything, "package.json"), JSON.stringify(manifest, null, 2));
  const arguments_ = [
    "install",
    "--prefer-offline",
    "--ignore-scripts",
    "--reporter=append-only",
    "--loglevel=error",
  ];
  return (
    pnpm([...arguments_, "--config.hoist=false", "--config.confirm-modules-purge=false"], { cwd: folder }) ===
    0
  );
}

/** @param {string} code */
function compiled(code) {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}

/** @returns {Promise<{ status: number | null, output: string }>} */
function execute(program, args, cwd) {
  return new Promise((resolve) => {
    const env = { ...process.env, NODE_OPTIONS: "" };
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ status: null, output: String(error) }));
    child.on("close", (status) => resolve({ status, output }));
  });
}

function whatIsMissing(output, printed) {
  const lines = output.split("\n");
  const missing = printed.filter((line) => !lines.includes(line));
  return missing.length === 0 ? "" : `should print ${missing.join(" | ")}, and printed:\n${output}`;
}

async function inNode({ name, path, example }, node) {
  const { status, output } = await execute(node.path, ["example.mjs"], path);
  const complaint =
    status === 0 ? whatIsMissing(output, example.printed) : `exit status ${status}:\n${output}`;
  report(`@voxplain/${name}, installed, runs its example in Node ${node.version}`, complaint);
}

async function commandLine(node) {
  const { path } = projects.find(({ name }) => name === "cli");
  const bin = join(path, "node_modules/@voxplain/cli/bin/voxplain.js");
  const { status, output } = await execute(node.path, [bin, "inspect", "sample/models/random_small"], path);
  report(`voxplain inspect, installed, works in Node ${node.version}`, status === 0 ? "" : output);
}

async function asPublished() {
  for (const file of readdirSync(packed)) {
    const claim = `${file} has what its manifest names, and types wherever it is imported`;
    report(claim, await publishedComplaints(join(packed, file)));
  }
}

async function inBrowsers() {
  const pages = projects.filter(({ inBrowsers: example }) => example !== undefined);
  const printed = await printedInChromium(
    folder,
    pages.map(({ name, inBrowsers: { code } }) => ({ name, code: compiled(code) })),
    (into) => {
      for (const part of ["models/random_small", "caps", "labels"]) {
        cpSync(join(root, "sample", part), join(into, "sample", part), { recursive: true });
      }
    },
  );
  if (typeof printed === "string") return console.log(`skipped: the examples in Chromium: ${printed}`);
  for (const { name, inBrowsers: example } of pages) {
    const { output, errors } = printed.get(name);
    const complaint = errors.length > 0 ? errors.join("\n") : whatIsMissing(output, example.printed);
    report(`@voxplain/${name}, installed and bundled by Vite, runs its example in Chromium`, complaint);
  }
}

try {
  if (installProjects()) {
    for (const { path, example } of projects)
      writeFileSync(join(path, "example.mjs"), compiled(example.code));
    const isLong = process.env.VOXPLAIN_LONG_TESTS === "1";
    const others = supportedNodes.filter((major) => major !== majorOf(thisNode));
    const found = others.slice(isLong ? 0 : -1).map((major) => nodeOf(major, join(folder, `node-${major}`)));
    for (const { version, reason } of found.filter(({ path }) => path === undefined)) {
      console.log(`skipped: the examples in Node ${version}: ${reason}`);
    }
    const nodes = [thisNode, ...found.filter(({ path }) => path !== undefined)];
    for (const node of nodes) {
      await Promise.all([commandLine(node), ...projects.map((project) => inNode(project, node))]);
    }
    await asPublished();
    report("the examples have the types that the installed packages promise", typeComplaints(projects));
    const all = { env: { ...process.env, VOXPLAIN_INSTALLED: join(folder, everything) } };
    const status = tool(["vitest", "run", ".packed.test.ts"], all);
    report(
      "the programs of the READMEs and of the documentation site run as pasted, on installed packages",
      status === 0 ? "" : "see above",
    );
    await inBrowsers().catch((error) =>
      report("the examples can be bundled by Vite and opened", String(error)),
    );
  } else {
    report("the packages can be packed and installed", "see above");
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`packed packages: ${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;
