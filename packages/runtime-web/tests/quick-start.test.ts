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
import { chromium } from "playwright-core";
import { build, preview } from "vite";
import { afterAll, expect, it } from "vitest";
import { codeBlocks } from "../../../tests/docs-pages.ts";
import { packages, root } from "../../../tests/workspace.ts";
import { findChromium } from "./find-chromium.ts";

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
    const inline = { configFile: false, root: folder, logLevel: "error" } as const;
    await build(inline);
    const server = await preview({ ...inline, preview: { host: "127.0.0.1", port: 0 } });
    const browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage();
      const failed = page.waitForEvent("pageerror").then((error) => error.message);
      await page.goto(server.resolvedUrls?.local[0] ?? "");
      const printed = page.waitForEvent("console").then((message) => message.args()[0]?.jsonValue());
      const network = join(root, "packages/cli/tests/fixtures/onnx/volume.onnx");
      await page.locator("input").setInputFiles(network);
      const dims = /map\.dims\); \/\/ (.*)$/m.exec(program?.code ?? "")?.[1] ?? "nothing";
      expect(await Promise.race([printed, failed])).toEqual(JSON.parse(dims));
    } finally {
      await browser.close();
      await server.close();
    }
  },
);
