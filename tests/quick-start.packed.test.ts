// The program for browsers of apps/docs/pages/guide/quick-start.md, as a reader would paste it: bundled by Vite from
// packages that were packed and installed, on a page with a field for files.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openBundledPage } from "../packages/runtime-web/tests/bundled-page.ts";
import { findChromium } from "../packages/runtime-web/tests/find-chromium.ts";
import { codeBlocks } from "./docs-pages.ts";
import { linkInstalled } from "./installed-packages.ts";
import { root } from "./workspace.ts";

const executablePath = findChromium();
const folder = realpathSync(mkdtempSync(join(tmpdir(), "voxplain-quick-start-")));
afterAll(() => rmSync(folder, { recursive: true }));

const program = codeBlocks().find(
  ({ page, code }) => page === "guide/quick-start.md" && code.includes("webRuntime("),
);

/** A page of the reader's, and what its `npm install` brings. */
function makePage() {
  linkInstalled(folder);
  writeFileSync(join(folder, "page.ts"), program?.code ?? "");
  const page =
    '<link rel="icon" href="data:," /><input type="file" /><script type="module" src="page.ts"></script>';
  writeFileSync(join(folder, "index.html"), `<!doctype html>${page}`);
}

it.skipIf(executablePath === undefined)(
  "explains the network that is picked, and prints what it says",
  async () => {
    makePage();
    const { page, close } = await openBundledPage(folder, executablePath ?? "");
    try {
      const failed = page.waitForEvent("pageerror").then((error) => error.message);
      const printed = page.waitForEvent("console").then((message) => message.args()[0]?.jsonValue());
      const network = join(root, "packages/cli/tests/fixtures/onnx/volume.onnx");
      await page.locator("input").setInputFiles(network);
      const dims = /map\.dims\); \/\/ (.*)$/m.exec(program?.code ?? "")?.[1] ?? "nothing";
      expect(await Promise.race([printed, failed])).toEqual(JSON.parse(dims));
    } finally {
      await close();
    }
  },
);
