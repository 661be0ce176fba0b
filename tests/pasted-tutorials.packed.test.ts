// Each tutorial as a reader follows it: its commands pasted into a shell in an empty folder, with the packed and installed
// command. docs-tutorials.test.ts runs them faster, on the sources.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFigure, expectPrinted, expectTable } from "./docs-checks.ts";
import { handWrittenPages } from "./docs-pages.ts";
import { stepsOf } from "./docs-steps.ts";
import { makeSampleBids, makeTutorialFiles } from "./docs-world.ts";
import { isLong } from "./long-tests.ts";
import { root } from "./workspace.ts";

// That of the page has no command but those that start it.
const pages = handWrittenPages()
  .map(({ page }) => page)
  .filter((page) => /^tutorials\/(?!index|browser)/.test(page));
const homes = realpathSync(mkdtempSync(join(tmpdir(), "voxplain-pasted-")));
afterAll(() => rmSync(homes, { recursive: true, force: true }));

describe.skipIf(!isLong).each(pages)("%s, pasted", (page) => {
  const home = join(homes, page.slice("tutorials/".length, -".md".length));
  const cwdFile = join(home, ".cwd");
  let here = home;

  beforeAll(() => {
    mkdirSync(home);
    symlinkSync(root, join(home, "voxplain"), "junction");
  });

  /** Pastes lines into the shell, which stays in the folder that the last ones led to. */
  function paste(code: string): string {
    const bin = join(process.env.VOXPLAIN_INSTALLED ?? "", "node_modules/.bin");
    const { status, stdout } = spawnSync("bash", ["-e", "-c", `exec 2>&1\n${code}pwd > ${cwdFile}\n`], {
      cwd: here,
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "", HOME: home, PATH: `${bin}${delimiter}${process.env.PATH}` },
    });
    expect(status, stdout).toBe(0);
    here = readFileSync(cwdFile, "utf8").trim();
    return stdout.replaceAll(here, "/home/you/tutorial");
  }

  it.each(stepsOf(page))(
    "$title: the $kind",
    async (step) => {
      if (step.kind === "command") {
        const printed = paste(step.code);
        if (step.shown !== undefined) expectPrinted(step.title, step.shown, printed);
        // Python makes these: the first command has made the folder.
        if (!step.code.startsWith("mkdir tutorial")) return;
        await makeTutorialFiles(here);
        if (page === "tutorials/onnx.md") await makeSampleBids(here);
      } else if (step.kind === "table") expectTable(step, here);
      else if (step.file !== undefined) await expectFigure(step, here);
    },
    600_000,
  );
});
