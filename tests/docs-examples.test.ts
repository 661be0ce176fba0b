// The commands on the pages of the documentation site, as a reader would paste them, by the command line in this process,
// in a folder with the files that the pages name. docs-programs.packed.test.ts runs the programs.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "../packages/cli/tests/run-voxplain.ts";
import { codeBlocks, commandsOf } from "./docs-pages.ts";
import { makeWorld } from "./docs-world.ts";
import { checkResults, schemaNames } from "./result-schemas.ts";
import { packages, root } from "./workspace.ts";

const blocks = codeBlocks();
// Those of tutorials run in folders of their own: docs-tutorials.test.ts.
const commands = blocks.filter(
  ({ page, language, notRun }) => language === "sh" && notRun === undefined && !page.startsWith("tutorials/"),
);

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-docs-"));
  await makeWorld(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("every block is run, is no program, or says why it is not run", () => {
  const silent = blocks.filter(
    ({ language, notRun }) =>
      notRun === undefined && !["ts", "sh", "text", "json", "python", "matlab"].includes(language),
  );
  expect(silent.map(({ title }) => title)).toEqual([]);
  const reasons = blocks.filter(({ notRun }) => notRun !== undefined);
  expect(reasons.length).toBeLessThan(blocks.length / 4);
  for (const { title, notRun } of reasons) expect(notRun?.length, title).toBeGreaterThan(10);
});

it.each(blocks.filter(({ language }) => language === "bash"))("$title is sound bash", ({ code }) => {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: code, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

describe("commands", () => {
  const before = process.cwd();
  beforeAll(() => process.chdir(folder));
  afterAll(() => process.chdir(before));

  it.each(commands)("$title end well", async ({ code }) => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    for (const [program, ...words] of commandsOf(code)) {
      if (program === "npm" && words[0] === "install") {
        const ours = words.filter((word) => word.startsWith("@voxplain/"));
        expect(packages.map(({ manifest }) => manifest.name)).toEqual(expect.arrayContaining(ours));
      } else if (program === "npm") {
        expect(Object.keys(scripts)).toContain(words.at(words[0] === "run" ? 1 : 0));
      } else {
        const argv = program === "npx" ? words : [program ?? "", ...words];
        expect(argv[0]).toBe("voxplain");
        const { status, errors } = await voxplain(...argv.slice(1));
        expect(status, `${words.join(" ")}\n${errors}`).toBe(0);
      }
    }
  });

  it("write JSON files and tables that are valid against the schemas, nearly all of which are met", () => {
    const checked = checkResults(folder);
    expect(checked.flatMap(({ file, problems }) => problems.map((problem) => `${file}: ${problem}`))).toEqual(
      [],
    );
    const met = new Set(checked.map(({ schema }) => schema));
    // No command of a page fails for a session: see packages/cli/tests/failures.test.ts.
    expect(schemaNames.filter((name) => !met.has(name))).toEqual(["errors"]);
  });
});
