// The commands on the pages of the documentation site, as a reader would paste them, by the command line in this process,
// in a folder with the files that the pages name. docs-programs.packed.test.ts runs the programs.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { methods } from "@voxplain/saliency";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "../packages/cli/tests/run-voxplain.ts";
import { expectFigure, furthest, picturesApart } from "./docs-checks.ts";
import { codeBlocks, commandsOf, handWrittenPages } from "./docs-pages.ts";
import { stepsOf } from "./docs-steps.ts";
import { makeWorld } from "./docs-world.ts";
import { casesOf } from "./long-tests.ts";
import { checkResults, schemaNames } from "./result-schemas.ts";
import { packages, root } from "./workspace.ts";

const blocks = codeBlocks();
// Those of tutorials run in folders of their own: docs-tutorials.test.ts.
const commands = blocks.filter(
  ({ page, language, notRun }) => language === "sh" && notRun === undefined && !page.startsWith("tutorials/"),
);

const drawn = handWrittenPages()
  .filter(({ page }) => !page.startsWith("tutorials/"))
  .flatMap(({ page }) => stepsOf(page))
  .filter((step) => step.kind === "figure")
  .filter(({ file }) => file !== undefined);
const {
  pictureWords,
  pictureFile,
}: { pictureWords(method: string): string[]; pictureFile(method: string): string } = await import(
  new URL("../apps/docs/scripts/method-pictures.mjs", import.meta.url).href
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
      notRun === undefined &&
      !["ts", "sh", "text", "json", "python", "matlab", "html", "js"].includes(language),
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
    // No command of a page fails for a session: see packages/cli/tests/failures.test.ts; inspect prints: see inspect.test.ts there.
    expect(schemaNames.filter((name) => !met.has(name))).toEqual(["errors", "inspect"]);
  });

  it.each(drawn)("the figure of $title is what its command draws", (step) => expectFigure(step, folder));

  it("a figure of six sessions in the place of one of seven is noticed", async () => {
    const [six, seven] = ["methods/images/gradients.webp", "guide/images/quick-start/map.webp"].map((image) =>
      join(root, "apps/docs/pages", image),
    );
    expect(await picturesApart(six!, seven!)).toBeGreaterThan(3 * furthest);
  });

  it.each(casesOf(Object.keys(methods), (name) => name === "gradients"))(
    "the picture of the method %s is what the command below it draws",
    async (name) => {
      const { status, errors } = await voxplain(...pictureWords(name));
      expect(status, errors).toBe(0);
      const image = join(root, `apps/docs/pages/methods/images/${name}.webp`);
      const page = `methods/${name}.md`;
      await expectFigure(
        { kind: "figure", title: page, page, file: pictureFile(name), number: 1, image },
        folder,
      );
    },
    600_000,
  );
});
