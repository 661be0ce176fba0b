// The program for browsers of apps/docs/pages/guide/quick-start.md, as a reader would paste it: bundled by Vite from the
// built packages, on a page with a field for files.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openBundledPage } from "../packages/runtime-web/tests/bundled-page.ts";
import { findChromium } from "../packages/runtime-web/tests/find-chromium.ts";
import { codeBlocks } from "./docs-pages.ts";
import { packages, root } from "./workspace.ts";

const executablePath = findChromium();
const built = packages.every(({ path }) => existsSync(join(path, "dist/index.js")));
const folder = realpathSync(mkdtempSync(join(tmpdir(), "voxplain-quick-start-")));
afterAll(() => rmSync(folder, { recursive: true }));

const program = codeBlocks().find(
  ({ page, code }) => page === "guide/quick-start.md" && code.includes("webRuntime("),
);

/** A page of the reader's, and what its `npm install` brings. */
function makePage() {
  mkdirSync(join(folder, "node_modules/@voxplain"), { recursive: true });
  for (const entry of packages) {
    symlinkSync(entry.path, join(folder, "node_modules/@voxplain", entry.folder), "junction");
  }
  const runtime = join(root, "packages/runtime-web/node_modules/onnxruntime-web");
  symlinkSync(realpathSync(runtime), join(folder, "node_modules/onnxruntime-web"), "junction");
  writeFileSync(join(folder, "page.ts"), program?.code ?? "");
  const page =
    '<link rel="icon" href="data:," /><input type="file" /><script type="module" src="page.ts"></script>';
  writeFileSync(join(folder, "index.html"), `<!doctype html>${page}`);
}

it.skipIf(executablePath === undefined || !built)(
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
