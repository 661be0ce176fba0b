import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import { createServer } from "vite";

const workspace = fileURLToPath(new URL("../../..", import.meta.url));

export interface OpenPage {
  readonly page: Page;
  /** What the page wrote as an error, or threw. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** Serves tests/browser by Vite, from the sources, and opens it in Chromium with a WebGPU that the processor imitates. */
export async function openPage(
  executablePath: string,
  { isolated }: { isolated: boolean },
): Promise<OpenPage> {
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL("browser", import.meta.url)),
    cacheDir: `${workspace}/node_modules/.vite-runtime-web`,
    logLevel: "error",
    resolve: { conditions: ["@voxplain/source", "module", "browser", "import", "default"] },
    server: {
      host: "127.0.0.1",
      port: 0,
      hmr: false,
      watch: null,
      fs: { allow: [workspace] },
      headers: isolated
        ? { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
        : {},
    },
  });
  await server.listen();
  const browser = await chromium.launch({
    executablePath,
    args: ["--enable-unsafe-webgpu", "--no-sandbox"],
  });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  await page.waitForFunction(() => "voxplain" in globalThis);
  return {
    page,
    errors,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
