// `node scripts/check-installs.mjs [--write | --only NAME]`: packs every package and tries it outside the workspace: installed by each package
// manager and run in each supported Node, in Deno and Bun, bundled by each bundler and opened in Chromium, and its types
// with each way of finding them. Prints each step as it begins, and a line for each result; with --write the results become the
// table of the page on compatibility; with --only, one package manager is tried, by a part of its name. Needs a network, some minutes and 4 GB of disk: `npm run test:long` runs it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pagesInChromium } from "./installs/bundlers.mjs";
import { managers, toolsFolder, typescript } from "./installs/managers.mjs";
import { makeProject, printed, tarballsIn } from "./installs/project.mjs";
import { nodeOf, supportedNodes } from "./node-versions.mjs";
import { pnpm, root, tool } from "./workspace.mjs";

const only = process.argv.includes("--only") ? process.argv.at(-1) : undefined;
const folder = realpathSync(mkdtempSync(join(tmpdir(), "voxplain-installs-")));

/** @type {{ kind: string, name: string, what: string, complaint: string }[]} */
const rows = [];

function report(kind, name, what, complaint) {
  rows.push({ kind, name, what, complaint });
  console.log(`${complaint === "" ? "ok" : "FAILED"}: ${name}: ${what}${complaint && `\n${complaint}`}`);
}

/** What begins now: on a busy machine a step takes minutes. */
function begin(step) {
  console.log(`[${Math.round(performance.now() / 1000)} s] ${step}`);
}

/** Long enough for a machine that does other things too. */
const timeout = 900_000;

function run([program, ...args], cwd, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...{ cwd, encoding: "utf8", timeout, shell: process.platform === "win32" },
    env: { ...process.env, NODE_OPTIONS: "", ...env },
  });
  return {
    status: error === undefined ? status : null,
    output: `${stdout ?? ""}${stderr ?? ""}${error ?? ""}`,
  };
}

/** "" where a program prints a line, ends well and complains about nothing. */
function complaintOf({ status, output }, line) {
  const isWell = status === 0 && output.split("\n").includes(line) && !/^error\b|Uncaught/m.test(output);
  return isWell ? "" : `exit status ${status}, printed:\n${output}`;
}

const both = "every entry is imported, `voxplain demo` runs, and so does the program of the quick start";

/** @param {(file: string) => readonly string[]} command */
function tryPrograms(kind, name, command, cwd) {
  begin(`running in ${name}`);
  const complaint =
    complaintOf(run(command("program.mjs"), cwd), printed) ||
    complaintOf(run(command("command.mjs"), cwd), "status 0");
  report(kind, name, both, complaint);
}

function tryManagers(tarballs, nodes) {
  const chosen = managers.filter(({ name }) => only === undefined || name.includes(only));
  for (const { name, manifest, prepare, version, install, nodeOptions } of chosen) {
    const path = join(folder, name.replaceAll(/\W/g, ""));
    makeProject(path, tarballs, manifest?.(tarballs));
    prepare?.(path, tarballs);
    begin(`installing with ${name}`);
    const titled = `${name} ${run(version, path).output.trim().split("\n").at(-1)}`;
    const { status, output } = run(install, path);
    if (status !== 0) {
      report("package manager", titled, "installs", output);
      continue;
    }
    for (const node of nodes) {
      const command = (file) => [node.path, ...(nodeOptions?.(path) ?? []), file];
      tryPrograms("package manager", `${titled}, Node ${node.version}`, command, path);
    }
  }
  return join(folder, "npm");
}

function tryRuntimes(project, tools) {
  const deno = process.platform === "win32" ? tools("deno", "deno.exe") : tools("deno", "deno");
  const bun = tools("bun", "bin", "bun.exe");
  // The two fetch their programs in a script of the package, which runs once.
  for (const [script, name] of [
    [tools("deno", "install.cjs"), "deno"],
    [tools("bun", "install.js"), "bun"],
  ])
    run([process.execPath, script], tools(name));
  const versionOf = (program) => /\d+\.\d+\.\d+/.exec(run([program, "--version"], folder).output)?.[0];
  const inDeno = (...words) => [deno, ...words, "--no-lock", "--node-modules-dir=manual"];
  const denoName = `Deno ${versionOf(deno)}`;
  tryPrograms("runtime", denoName, (file) => [...inDeno("run", "--allow-all"), file], project);
  const checked = run([...inDeno("check"), "program.ts"], project);
  report(
    "types",
    denoName,
    "`deno check` of the program of the quick start",
    checked.status === 0 ? "" : checked.output,
  );
  tryPrograms("runtime", `Bun ${versionOf(bun)}`, (file) => [bun, file], project);
}

/** The DOM for the page, as a reader's project has it. */
function tryTypes(project) {
  const version = JSON.parse(
    readFileSync(join(root, "node_modules/typescript/package.json"), "utf8"),
  ).version;
  for (const [module, resolution, file, lib] of [
    ["nodenext", "nodenext", "program.ts", "es2023"],
    ["preserve", "bundler", "program.ts", "es2023"],
    ["preserve", "bundler", "page.ts", "es2023,dom"],
  ]) {
    const options = [
      "--noEmit",
      "--strict",
      "--target",
      "es2023",
      "--module",
      module,
      "--moduleResolution",
      resolution,
    ];
    const nodeTypes = ["--types", "node", "--typeRoots", join(root, "node_modules/@types")];
    const kinds = file === "page.ts" ? [] : nodeTypes;
    begin(`checking types of ${file}, moduleResolution ${resolution}`);
    const words = [process.execPath, typescript, ...options, "--lib", lib, ...kinds, file];
    const { status, output } = run(words, project);
    const where = file === "page.ts" ? "the page" : "the program for Node";
    report(
      "types",
      `TypeScript ${version}`,
      `${where}, moduleResolution ${resolution}`,
      status === 0 ? "" : output,
    );
  }
}

function writeTable() {
  const page = join(root, "apps/docs/pages/compatibility.md");
  const text = readFileSync(page, "utf8");
  const { version } = JSON.parse(readFileSync(join(root, "packages/cli/package.json"), "utf8"));
  // One row for all Nodes with the same result.
  const merged = new Map();
  for (const { kind, name, what, complaint } of rows) {
    const [program, node] = name.split(", Node ");
    const key = JSON.stringify([kind, program, what, complaint === ""]);
    merged.set(key, [...(merged.get(key) ?? []), ...(node === undefined ? [] : [node])]);
  }
  const cells = Array.from(merged, ([key, versions]) => {
    const [kind, program, what, works] = JSON.parse(key);
    const name = versions.length === 0 ? program : `${program}, Node ${versions.join(", ")}`;
    return `| ${kind} | ${name} | ${what} | ${works ? "works" : "fails"} |`;
  });
  const today = new Date().toISOString().slice(0, 10);
  const table = [
    `Tried on ${today} with version ${version}, on ${process.platform} (${process.arch}):`,
    "",
    "| kind | with | what was tried | result |",
    "| --- | --- | --- | --- |",
    ...cells,
  ];
  const [before = "", rest = ""] = text.split(/(?<=<!-- installs: .*? -->\n)/);
  const after = rest.slice(rest.indexOf("<!-- end of installs -->"));
  writeFileSync(page, `${before}\n${table.join("\n")}\n\n${after}`);
  tool(["biome", "format", "--write", page]);
}

try {
  const quiet = { stdio: ["ignore", "ignore", "inherit"] };
  const packed = join(folder, "tarballs");
  begin("packing");
  if (pnpm(["-r", "--filter", "./packages/*", "pack", "--pack-destination", packed], quiet) !== 0)
    throw new Error("the packages cannot be packed");
  const tarballs = tarballsIn(packed);
  begin(`getting Node ${supportedNodes.join(", ")}`);
  const nodes = supportedNodes.map((major) => nodeOf(major, join(folder, `node-${major}`)));
  for (const { version, reason } of nodes.filter(({ path }) => path === undefined))
    report("package manager", `Node ${version}`, "can be had", reason ?? "");
  const project = tryManagers(
    tarballs,
    nodes.filter(({ path }) => path !== undefined),
  );
  if (only === undefined) {
    tryTypes(project);
    begin("getting Deno, Bun and the bundlers");
    const tools = toolsFolder(join(folder, "tools"), run, {
      deno: "2",
      bun: "1",
      esbuild: "0",
      vite: "8",
      webpack: "5",
    });
    tryRuntimes(project, tools);
    begin("bundling, and opening the pages in Chromium");
    for (const { name, complaint } of await pagesInChromium(project, tools, printed))
      report("bundler", name, "the program of the quick start, bundled, in Chromium", complaint);
  }
  if (process.argv.includes("--write")) writeTable();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const failed = rows.filter(({ complaint }) => complaint !== "").length;
console.log(`installs: ${rows.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
