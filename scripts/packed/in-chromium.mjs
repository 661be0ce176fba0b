// The examples as pages: bundled by Vite, served, opened in Chromium one after the other.
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { root } from "../workspace.mjs";

const places = [
  process.env.VOXPLAIN_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The program of Chromium; undefined where it is not installed. */
export const chromiumPath = () => places.find((place) => place !== undefined && existsSync(place));

/** Vite and Playwright are those with which the runtime for browsers is tested. */
const { resolve } = createRequire(join(root, "packages/runtime-web/package.json"));
const load = (name) => import(pathToFileURL(resolve(name)).href);

/**
 * What each example prints, as Node would print it, or a text with the reason why it cannot be run.
 * @param {string} folder - Holds a project for each page.
 * @param {readonly { name: string, code: string }[]} pages
 * @param {(into: string) => void} addFiles - Puts what the examples fetch into a folder that is served.
 * @returns {Promise<string | Map<string, { output: string, errors: string[] }>>}
 */
export async function printedInChromium(folder, pages, addFiles) {
  const executablePath = chromiumPath();
  if (executablePath === undefined) return "Chromium is not installed";
  const { build, preview } = await load("vite");
  const { chromium } = (await load("playwright-core")).default;

  const input = pages.map(({ name, code }) => {
    writeFileSync(join(folder, name, "page.js"), `${code}\ndocument.title = "done";\n`);
    const page = join(folder, name, "index.html");
    writeFileSync(
      page,
      '<!doctype html><title>example</title><link rel="icon" href="data:," /><script type="module" src="./page.js"></script>',
    );
    return page;
  });
  const warnings = [];
  const outDir = join(folder, "site");
  await build({
    configFile: false,
    root: folder,
    logLevel: "error",
    build: { outDir, rollupOptions: { input, onwarn: ({ message }) => warnings.push(message) } },
  });
  addFiles(outDir);
  const server = await preview({
    configFile: false,
    root: folder,
    logLevel: "error",
    build: { outDir },
    preview: { host: "127.0.0.1", port: 0 },
  });
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const printed = new Map();
    for (const { name } of pages) {
      printed.set(
        name,
        await open(browser, new URL(`${name}/`, server.resolvedUrls.local[0]).href, warnings),
      );
    }
    return printed;
  } finally {
    await browser.close();
    await server.close();
  }
}

async function open(browser, url, warnings) {
  const page = await browser.newPage();
  const lines = [];
  // Vite puts an empty module in the place of one of Node, and says so.
  const errors = warnings.filter((message) => message.includes("externalized for browser"));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
    else lines.push(Promise.all(message.args().map((argument) => argument.jsonValue())));
  });
  const failed = new Promise((resolve) => page.once("pageerror", resolve));
  await page.goto(url);
  const done = page.waitForFunction("document.title === 'done'", undefined, { timeout: 30_000 });
  await Promise.race([done.catch(() => errors.push("the page did not end within 30 s")), failed]);
  const values = await Promise.all(lines);
  await page.close();
  return { output: values.map((args) => format(...args)).join("\n"), errors };
}
