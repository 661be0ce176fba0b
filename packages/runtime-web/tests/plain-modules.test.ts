// The package as published, in a page without a bundler: modules by their URLs, an import map, static files.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import { findChromium } from "./find-chromium.ts";

const workspace = fileURLToPath(new URL("../../..", import.meta.url));
const executablePath = findChromium();
const built = ["core/dist/testing", "runtime-web/dist"].every((folder) =>
  existsSync(join(workspace, "packages", folder, "index.js")),
);
if (!built) process.stderr.write("skipped: the page without a bundler, for want of a build\n");

const html = `<!doctype html>
<link rel="icon" href="data:," />
<script type="importmap">
  {
    "imports": {
      "@voxplain/core": "/packages/core/dist/index.js",
      "@voxplain/kernels": "/packages/kernels/dist/index.js",
      "@voxplain/core/testing": "/packages/core/dist/testing/index.js",
      "@voxplain/runtime-web": "/packages/runtime-web/dist/index.js"
    }
  }
</script>
<script type="module">
  import { runtimeContract } from "@voxplain/core/testing";
  import { webRuntime } from "@voxplain/runtime-web";

  const assets = "/packages/runtime-web/node_modules/onnxruntime-web/dist";
  globalThis.complaintOf = async (executionProvider, name) => {
    const cases = runtimeContract(() => webRuntime({ executionProvider, assets }));
    try {
      await cases.find((one) => one.name === name).run();
    } catch (error) {
      return String(error);
    }
  };
</script>`;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

describe.skipIf(!built || executablePath === undefined)("a page of plain ES modules", () => {
  it.each(["wasm", "webgpu"])("computes on %s with the files that its own server has", async (provider) => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      asked.push(pathname);
      const path = join(workspace, pathname);
      if (pathname === "/") response.setHeader("Content-Type", "text/html").end(html);
      else if (existsSync(path)) {
        response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream");
        response.end(readFileSync(path));
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const browser = await chromium.launch({
      executablePath: executablePath ?? "",
      args: ["--enable-unsafe-webgpu", "--no-sandbox"],
    });
    try {
      const page = await browser.newPage();
      const elsewhere: string[] = [];
      page.on("request", (request) => {
        if (!request.url().startsWith(`http://127.0.0.1:${port}/`)) elsewhere.push(request.url());
      });
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.waitForFunction(() => "complaintOf" in globalThis);
      const complaint = await page.evaluate(
        (asks) => (globalThis as unknown as { complaintOf(...asks: string[]): unknown }).complaintOf(...asks),
        [provider, "reads weights from external data"],
      );
      expect(complaint).toBeUndefined();
      expect(elsewhere.filter((url) => !url.startsWith("data:"))).toEqual([]);
      expect(asked.some((path) => path.endsWith(".wasm"))).toBe(true);
    } finally {
      await browser.close();
      server.close();
    }
  });
});
