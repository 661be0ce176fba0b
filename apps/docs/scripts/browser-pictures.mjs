// `node apps/docs/scripts/browser-pictures.mjs`, after a build: follows the tutorial on a first map in the browser, and takes its pictures.
// Chromium is where VOXPLAIN_CHROMIUM says.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { smallPicture } from "./small-picture.mjs";

const explorer = fileURLToPath(new URL("../../explorer/", import.meta.url));
const vite = createRequire(join(explorer, "package.json")).resolve("vite");
const { preview } = await import(pathToFileURL(vite).href);
const folder = fileURLToPath(new URL("../pages/tutorials/images/browser/", import.meta.url));
mkdirSync(folder, { recursive: true });

const server = await preview({ root: explorer, logLevel: "error", preview: { port: 0, host: "127.0.0.1" } });
const browser = await chromium.launch({
  executablePath: process.env.VOXPLAIN_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.setDefaultTimeout(600_000);

const take = async (name) =>
  writeFileSync(join(folder, `${name}.webp`), (await smallPicture(await page.screenshot())).webp);
const press = (name) => page.getByRole("button", { name, exact: true }).click();
const choose = (label, value) => page.getByLabel(label, { exact: true }).selectOption(value);
const idle = () =>
  page.waitForFunction(() => document.querySelector(".job-bar")?.getAttribute("aria-busy") !== "true");

await page.goto(`http://127.0.0.1:${server.httpServer.address().port}/`);
await page.waitForFunction(() => [...document.images].every((image) => image.complete));
await take("start");

await page.getByRole("link", { name: "Explore this map" }).click();
await page.locator(".map dd[data-value]").first().waitFor();
await page.getByRole("radio").first().waitFor();
await idle();
// A graphics card draws the rendering unasked.
await choose("View", "planes");
await page.getByText("Drag the rendering").waitFor();
await page.waitForTimeout(3000);
await take("map");
await choose("View", "planes-only");

await page.getByRole("radio", { name: /^sub-SIM002/ }).check();
await choose("Class", { label: "AD" });
await choose("Method to explain with", { label: "Integrated gradients" });
await press("Explain");
await page.locator(".map h2", { hasText: "sub-SIM002 ses-M00 · Integrated gradients" }).waitFor();
await idle();
await choose("Compare with", "1");
await page.locator(".map").nth(1).locator("dd[data-value]").waitFor();
await page.waitForTimeout(1000);
await take("compare");

await page.goto("about:blank");
await page.goto(`http://127.0.0.1:${server.httpServer.address().port}/#own`);
await page.getByRole("heading", { name: "Open a model and images" }).waitFor();
await idle();
await take("own");

console.log(`Chromium ${browser.version()}`);
await browser.close();
await server.close();
