// What is installed is what was reviewed: every dependency is pinned by its digest, comes from the registry, and runs nothing when installed.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, "utf8");
const lockfile = read("pnpm-lock.yaml");

/** The lines of a section of the lockfile. */
function sectionOf(name: string): string {
  const [, section = ""] =
    new RegExp(`^${name}:\\n([\\s\\S]*?)(?=^\\S|$(?![\\s\\S]))`, "m").exec(lockfile) ?? [];
  return section;
}

const manifests = [
  "package.json",
  ...["packages", "apps"].flatMap((kind) =>
    readdirSync(`${root}${kind}`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${kind}/${entry.name}/package.json`),
  ),
];

it("every package of the lockfile has a digest of SHA-512, and none comes from git, a folder or an address", () => {
  const packages = sectionOf("packages")
    .split(/^ {2}(?=\S)/m)
    .filter((entry) => entry.trim() !== "");
  expect(packages.length).toBeGreaterThan(100);
  const unpinned = packages.filter(
    (entry) => !/resolution: \{integrity: sha512-[A-Za-z0-9+/]{86}==\}/.test(entry),
  );
  expect(unpinned.map((entry) => entry.split("\n")[0])).toEqual([]);
  const specifiers = [...sectionOf("importers").matchAll(/specifier: (.*)/g)].map(
    ([, specifier = ""]) => specifier,
  );
  expect(specifiers.length).toBeGreaterThan(50);
  expect(specifiers.filter((one) => /git|https?:|file:|link:|github/.test(one))).toEqual([]);
});

it("no dependency runs a script when it is installed, and those that would are listed", () => {
  const workspace = read("pnpm-workspace.yaml");
  expect(workspace).toMatch(/^onlyBuiltDependencies: \[\]$/m);
  const [, ignored = ""] = /^ignoredBuiltDependencies:\n((?: {2}- .*\n?)+)/m.exec(workspace) ?? [];
  expect(ignored.match(/- (\S+)/g)).toEqual(["- onnxruntime-node", "- esbuild", "- protobufjs"]);
});

it.each(manifests)("%s has no script that runs when it is installed", (path) => {
  const { scripts = {} } = JSON.parse(read(path)) as { readonly scripts?: Readonly<Record<string, string>> };
  const run = [
    "preinstall",
    "install",
    "postinstall",
    "prepare",
    "preprepare",
    "postprepare",
    "dependencies",
  ];
  expect(run.filter((name) => name in scripts)).toEqual([]);
});
