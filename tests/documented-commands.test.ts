// The commands that the documents ask a reader to type, on a machine that has Node and npm and nothing else.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { handWrittenPages } from "./docs-pages.ts";
import { packages, readRoot, root } from "./workspace.ts";

const { scripts } = JSON.parse(readRoot("package.json"));
const documents = [
  ...readdirSync(".").filter((name) => name.endsWith(".md")),
  ...packages.map(({ folder }) => `packages/${folder}/README.md`),
  ...["apps/explorer/README.md", "bench/README.md", "sample/README.md"],
].map((page) => ({ page, markdown: readRoot(page) }));
// Lines that end in a backslash go on.
const everything = [...documents, ...handWrittenPages()].map(({ page, markdown }) => ({
  page,
  markdown: markdown.replaceAll(/\\\n\s*/g, ""),
}));

/** What follows a command in a text, with where it stands. */
const calls = (command: RegExp) =>
  everything.flatMap(({ page, markdown }) =>
    Array.from(markdown.matchAll(command), ([, rest = ""]) => [page, rest.trim()] as const),
  );

describe("npm run", () => {
  it.each(calls(/\bnpm run ([\w:-]+)/g))("in %s: %s needs no other program on the PATH", (_, name) => {
    // Turbo and filters look for a pnpm, which npm does not bring.
    expect(scripts[name]).toMatch(/^node [\w./-]+\.mjs$/);
  });
});

describe("pnpm", () => {
  it("is called through npx everywhere", () => {
    const bare = everything.flatMap(({ page, markdown }) =>
      Array.from(markdown.matchAll(/^(?:`)?pnpm .*$/gm), ([line]) => `${page}: ${line}`),
    );
    expect(bare).toEqual([]);
  });

  it.each(calls(/\bnpx pnpm@10 ([\w:-]+)/g))("in %s: %s is one of its commands or of ours", (_, name) => {
    expect([...Object.keys(scripts), "install", "--filter"]).toContain(name);
  });
});

describe("the command for the tests of one package", () => {
  const [, , command = ""] = /^\| `(npx vitest run ([^`]+))`/m.exec(readRoot("CONTRIBUTING.md")) ?? [];

  it.each(["core", "cli"])("runs those of %s and no others", (name) => {
    const argv = ["list", "--filesOnly", command.replace("<name>", name)];
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const { status, stdout } = spawnSync(process.execPath, [vitest, ...argv], {
      cwd: root,
      encoding: "utf8",
    });
    expect(status).toBe(0);
    // "[computing] packages/core/tests/…": each file is named with the group of tests that it is in.
    const files = stdout
      .trim()
      .split("\n")
      .map((line) => line.replace(/^\[\w+\] /, ""));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect(file).toMatch(new RegExp(`^packages/${name}/tests/`));
  });
});

describe("npm install", () => {
  const installs = calls(/^npm install (.*)$/gm);
  const native = installs.filter(([, words]) => /@voxplain\/(cli|runtime-node)\b/.test(words));

  it("of what computes in Node is written down in the guide and in the READMEs", () => {
    expect(native.length).toBeGreaterThan(4);
  });

  // The script of onnxruntime-node downloads libraries for CUDA on Linux x64, and fails where NuGet cannot be reached.
  it.each(native)("in %s: %s leaves install scripts out", (_, words) => {
    expect(words).toContain("--ignore-scripts");
  });
});

describe("the quick start", () => {
  const { markdown } = everything.find(({ page }) => page === "guide/quick-start.md")!;
  const sections = markdown.split(/^(?=## )/m).filter((section) => section.includes("```ts\n"));
  const named = (words: Iterable<RegExpMatchArray>) => Array.from(words, ([, name = ""]) => name);

  it.each(sections)("installs what the programs of a section import: %#", (section) => {
    const programs = named(section.matchAll(/^```ts\n([\s\S]*?)^```$/gm)).join("");
    const imported = named(programs.matchAll(/from "(@voxplain\/[\w-]+|[\w-]+)[/"]/g));
    const installed = named(
      section.matchAll(/(?<=^npm install .*)(@?[\w-]+(?:\/[\w-]+)?)(?:@[\d.]+)?(?= |$)/gm),
    );
    expect(installed).toEqual(expect.arrayContaining(imported));
  });
});
