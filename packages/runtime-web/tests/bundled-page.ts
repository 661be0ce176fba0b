import { chromium, type Page } from "playwright-core";
import { build, preview } from "vite";

/** A page that Vite bundled, open in a browser. */
export interface BundledPage {
  readonly page: Page;
  close(): Promise<void>;
}

/** Bundles the page of a folder as a reader's own project would, without settings, and opens it in Chromium. */
export async function openBundledPage(folder: string, executablePath: string): Promise<BundledPage> {
  const inline = { configFile: false, root: folder, logLevel: "error" } as const;
  await build(inline);
  const server = await preview({ ...inline, preview: { host: "127.0.0.1", port: 0 } });
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const page = await browser.newPage();
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  return {
    page,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
