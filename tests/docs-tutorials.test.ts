// Each tutorial in a folder of its own, from its first command to its last: what it prints, its tables and its figures are what
// comes out.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "@voxplain/cli";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { expectFigure, expectPrinted, expectTable } from "./docs-checks.ts";
import { commandsOf, handWrittenPages } from "./docs-pages.ts";
import { type CommandStep, stepsOf } from "./docs-steps.ts";
import { makeSampleBids, makeTutorialFiles } from "./docs-world.ts";
import { isLong } from "./long-tests.ts";
import { root } from "./workspace.ts";

const pages = handWrittenPages()
  .map(({ page }) => page)
  .filter((page) => page.startsWith("tutorials/") && page !== "tutorials/index.md");
const home = process.cwd();
let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "voxplain-tutorials-")));
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

/** Programs of every Unix system that look at results. */
const lookers = ["cat", "cut", "find", "grep", "head", "ls", "sort", "tail"];

/** Runs the command line in this process; both of its streams in the order in which a terminal shows them. */
async function voxplain(words: readonly string[]): Promise<{ status: number; printed: string }> {
  let printed = "";
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((text) => {
      printed += text;
      return true;
    }),
  );
  try {
    // Tests run on the sources, which threads of Node cannot load.
    const status = await main([...words, ...(words[0] === "compare" ? ["--threads", "1"] : [])]);
    return { status, printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

async function run({ title, code, long }: CommandStep): Promise<string> {
  const isLeftOut = long !== undefined && !isLong;
  let all = "";
  for (const line of code.replaceAll(/\\\n\s*/g, " ").split("\n")) {
    const [program, ...words] = commandsOf(line)[0] ?? [];
    if (program === undefined) continue;
    if (program === "voxplain") {
      // What takes long stops before it computes: the model, the images and the options are checked all the same.
      if (isLeftOut && !["interpret", "predict"].includes(words[0] ?? "")) continue;
      const { status, printed } = await voxplain(isLeftOut ? [...words, "--dry_run"] : words);
      expect(status, `${title}: ${printed}`).toBe(0);
      all += printed;
    } else {
      expect(lookers, title).toContain(program);
      if (isLeftOut) continue;
      const { status, stdout, stderr } = spawnSync("bash", ["-c", line], { encoding: "utf8" });
      expect(status, `${title}: ${stderr}`).toBe(0);
      all += stdout;
    }
  }
  return all.replaceAll(process.cwd(), "/home/you/tutorial");
}

describe.each(pages)("%s", (page) => {
  const steps = stepsOf(page);
  beforeAll(async () => {
    const here = join(folder, page.slice("tutorials/".length, -".md".length));
    mkdirSync(here);
    symlinkSync(join(root, "sample"), join(here, "sample"), "junction");
    symlinkSync(join(root, "tests/known-truth/maps"), join(here, "known-truth"), "junction");
    await makeTutorialFiles(here);
    if (page === "tutorials/onnx.md") await makeSampleBids(here);
    process.chdir(here);
  });

  it.each(steps)(
    "$title: the $kind",
    async (step) => {
      const isLeftOut = step.long !== undefined && !isLong;
      if (step.kind === "command") {
        if (step.notRun !== undefined) return;
        const printed = await run(step);
        if (step.shown !== undefined && !isLeftOut) expectPrinted(step.title, step.shown, printed);
      } else if (step.kind === "table") {
        if (!isLeftOut) expectTable(step, process.cwd());
      } else if (step.file === undefined) {
        const dated = /\d{4}-\d{2}-\d{2}/;
        expect(step.by, `${step.title}: no command draws it; which program did, and when?`).toMatch(dated);
      } else if (!isLeftOut) await expectFigure(step, process.cwd());
    },
    600_000,
  );
});

it("the pictures of all tutorials take less than 3 MB", () => {
  const images = join(root, "apps/docs/pages/tutorials/images");
  const sizes = readdirSync(images, { recursive: true }).map(
    (file) => statSync(join(images, String(file))).size,
  );
  expect(sizes.length).toBeGreaterThan(1);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3e6);
});
