import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { createServer } from "vite";
import { expect, it } from "vitest";
import { findChromium } from "../../../../packages/runtime-web/tests/find-chromium.ts";
import { explorer } from "./built-page.ts";

const executablePath = findChromium();
const example = join(explorer, "examples/embed");

it("the embedding example has less than 40 lines", () => {
  expect(readFileSync(join(example, "index.html"), "utf8").trim().split("\n").length).toBeLessThan(40);
});

it.skipIf(executablePath === undefined)(
  "the embedding example finds PyTorch's largest gradient of the sample's first image",
  async () => {
    const server = await createServer({
      root: example,
      configFile: join(explorer, "vite.config.ts"),
      cacheDir: join(explorer, "../../node_modules/.vite-explorer-embed"),
      logLevel: "error",
      server: {
        host: "127.0.0.1",
        port: 0,
        hmr: false,
        watch: null,
        fs: { allow: [join(explorer, "../..")] },
      },
    });
    await server.listen();
    const browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(0);
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(server.resolvedUrls?.local[0] ?? "");
      const status = page.getByRole("status").filter({ hasText: "largest gradient" });
      await Promise.race([status.waitFor(), page.waitForEvent("pageerror")]);
      expect(errors).toEqual([]);
      const [, found] = /largest gradient (.*)$/.exec((await status.textContent()) ?? "") ?? [];
      // expected/random_small/fold-0/maps.tsv
      expect(Number(found) / 0.69936133793175448).toBeCloseTo(1, 4);
    } finally {
      await browser.close();
      await server.close();
    }
  },
);
