// What `npm run release:version` makes of the changesets, tried on a copy of the manifests.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packages, readRoot, root } from "./workspace.ts";

const names = packages.map(({ manifest }) => manifest.name);

/**
 * A copy of what a release looks at, with other changesets, after a release.
 * @param before - The version of packages that were never released.
 */
function release(changesets: Readonly<Record<string, string>>, before: string): string {
  const folder = mkdtempSync(join(tmpdir(), "voxplain-release-"));
  for (const file of [
    "package.json",
    "pnpm-workspace.yaml",
    "pnpm-lock.yaml",
    "CITATION.cff",
    "codemeta.json",
  ]) {
    cpSync(join(root, file), join(folder, file));
  }
  mkdirSync(join(folder, ".changeset"));
  for (const file of ["config.json", "changelog.cjs"]) {
    cpSync(join(root, ".changeset", file), join(folder, ".changeset", file));
  }
  for (const [name, text] of Object.entries(changesets))
    writeFileSync(join(folder, ".changeset", name), text);
  for (const place of ["packages", "apps"]) {
    for (const name of readdirSync(join(root, place))) {
      const manifest = join(root, place, name, "package.json");
      if (!existsSync(manifest)) continue;
      mkdirSync(join(folder, place, name), { recursive: true });
      const text = readFileSync(manifest, "utf8").replace('"version": "0.0.0"', `"version": "${before}"`);
      writeFileSync(join(folder, place, name, "package.json"), text);
    }
  }
  const run = (program: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stdout}${stderr}`);
  };
  run("git", "init", "--quiet", "--initial-branch=main");
  run("git", "add", ".");
  run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "t");
  run(process.execPath, join(root, "scripts/first-release.mjs"));
  run(process.execPath, join(root, "node_modules/@changesets/cli/bin.js"), "version");
  run(process.execPath, join(root, "scripts/stamp-citation.mjs"));
  return folder;
}

const versionIn = (folder: string, path: string): string =>
  JSON.parse(readFileSync(join(folder, path, "package.json"), "utf8")).version;

const today = () => new Date().toISOString().slice(0, 10);

const minorOf = (version: string) =>
  version.replace(/\.(\d+)\.\d+$/, (_, minor) => `.${Number(minor) + 1}.0`);
const patchOf = (version: string) => version.replace(/\d+$/, (patch) => String(Number(patch) + 1));

describe("a change of core that its users notice", () => {
  let folder = "";
  beforeAll(() => {
    const text = "Files of a web server are read by ranges.";
    folder = release({ "ranges.md": `---\n"@voxplain/core": minor\n---\n\n${text}\n` }, "0.1.0");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("raises core, and by a patch what depends on it, each from its own version", () => {
    const dependsOnCore = (name: string): boolean => {
      const { dependencies = {} } = packages.find(({ manifest }) => manifest.name === name)?.manifest ?? {};
      return "@voxplain/core" in dependencies || Object.keys(dependencies).some(dependsOnCore);
    };
    for (const { folder: name, manifest } of packages) {
      const before = versionIn(root, `packages/${name}`).replace(/^0\.0\.0$/, "0.1.0");
      const patched = dependsOnCore(manifest.name) ? patchOf(before) : before;
      const raised = name === "core" ? minorOf(before) : patched;
      expect([manifest.name, versionIn(folder, `packages/${name}`)]).toEqual([manifest.name, raised]);
    }
  });

  it("leaves the applications, which are not published, as they are", () => {
    for (const name of readdirSync(join(folder, "apps"))) {
      expect(versionIn(folder, `apps/${name}`)).toBe(
        versionIn(root, `apps/${name}`).replace(/^0\.0\.0$/, "0.1.0"),
      );
    }
  });

  it("is in the changelogs in words for users", () => {
    const core = readFileSync(join(folder, "packages/core/CHANGELOG.md"), "utf8");
    const version = versionIn(folder, "packages/core");
    expect(core).toBe(
      `# @voxplain/core\n\n## ${version}\n\n### Minor Changes\n\n- Files of a web server are read by ranges.\n`,
    );
    const graph = readFileSync(join(folder, "packages/onnx-graph/CHANGELOG.md"), "utf8");
    expect(graph).toContain(`\n- Works with @voxplain/core ${version}\n`);
  });

  it("gives the citation the version of the command line", () => {
    const cli = versionIn(folder, "packages/cli");
    for (const path of ["CITATION.cff", "packages/cli/CITATION.cff"]) {
      const text = readFileSync(join(folder, path), "utf8");
      expect(text).toContain(`\nversion: ${cli}\n`);
      expect(text).toMatch(/^date-released: "\d{4}-\d\d-\d\d"$/m);
    }
    const codemeta = JSON.parse(readFileSync(join(folder, "codemeta.json"), "utf8"));
    expect(codemeta).toMatchObject({
      version: cli,
      dateModified: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
  });
});

describe("the changesets that wait", () => {
  const waiting = readdirSync(join(root, ".changeset")).filter((name) => name.endsWith(".md"));
  const raised = (text: string) =>
    Array.from(text.matchAll(/^"(@voxplain\/[\w-]+)": (minor|patch|major)$/gm));

  it.each(waiting.length > 0 ? waiting : ["(none)"])("%s names existing packages, and has a text", (name) => {
    if (name === "(none)") return;
    const text = readRoot(`.changeset/${name}`);
    expect(raised(text).length).toBeGreaterThan(0);
    for (const [, found] of raised(text)) expect(names).toContain(found);
    expect(text.split("---\n")[2]?.trim()).not.toBe("");
  });

  it("are the first release, 0.1.0, of every package that was never released, dated today", () => {
    const first = packages.filter(({ folder }) => versionIn(root, `packages/${folder}`) === "0.0.0");
    const named = waiting.flatMap((name) => raised(readRoot(`.changeset/${name}`)).map(([, found]) => found));
    for (const { manifest } of first) expect(named).toContain(manifest.name);
    const changesets = Object.fromEntries(waiting.map((name) => [name, readRoot(`.changeset/${name}`)]));
    const days = [today()];
    const folder = release(changesets, "0.0.0");
    days.push(today());
    const citation = readFileSync(join(folder, "CITATION.cff"), "utf8");
    expect(citation).toContain("\nversion: 0.1.0\n");
    expect(days).toContain(/^date-released: "(.*)"$/m.exec(citation)?.[1]);
    for (const { folder: name, manifest } of first) {
      expect(versionIn(folder, `packages/${name}`)).toBe("0.1.0");
      const changelog = readFileSync(join(folder, "packages", name, "CHANGELOG.md"), "utf8");
      const [, text] = changelog.split("### Minor Changes\n\n");
      expect(text?.split("\n\n")[0]?.trim()).toBe(`- First release. ${manifest.description}`);
    }
    rmSync(folder, { recursive: true });
  });
});
