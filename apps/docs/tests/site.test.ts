// The built site (npm run docs) in Chromium, which reaches nothing but the server of the site.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../packages/runtime-web/tests/find-chromium.ts";
import { serveSite } from "./serve-site.ts";

const site = fileURLToPath(new URL("../dist", import.meta.url));
const executablePath = findChromium();

const pages = [
  "",
  "guide/quick-start.html",
  "guide/manual-differences.html",
  "methods/lrp.html",
  "formats/nifti.html",
  "gallery.html",
  "comparison.html",
  "reference/options.html",
  "accuracy/methods.html",
  "performance.html",
  "scale.html",
  "api/@voxplain/saliency.html",
];

describe.skipIf(!existsSync(`${site}/index.html`) || executablePath === undefined)("the site", () => {
  let browser: Browser;
  let served: Awaited<ReturnType<typeof serveSite>>;
  const elsewhere: string[] = [];
  const errors: string[] = [];

  beforeAll(async () => {
    served = await serveSite(site);
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      // Playwright could intercept requests instead: no page would then have what an earlier one has loaded.
      args: ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
    });
  });
  afterAll(async () => {
    await browser.close();
    served.close();
  });

  /** A page for each width of the window: what one page of the site has loaded, the next one has too. */
  const windows = new Map<number, Promise<Page>>();
  async function windowOf(width: number): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    page.on("pageerror", ({ message }) => errors.push(message));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(served.url) && !url.startsWith("data:")) elsewhere.push(url);
    });
    return page;
  }

  async function open(path: string, width = 1280): Promise<Page> {
    if (!windows.has(width)) windows.set(width, windowOf(width));
    const page = await windows.get(width)!;
    await page.goto(`${served.url}/${path}`, { waitUntil: "networkidle" });
    return page;
  }

  it.each(["accuracy/methods.html", "accuracy/zoo.html", "accuracy/architectures.html"])(
    "/%s shows each figure in a line, without scrolling sideways on a wide screen",
    async (path) => {
      const page = await open(path, 1440);
      const { beyond, broken } = await page.evaluate(() => {
        const cells = Array.from(document.querySelectorAll("td"));
        const figures = cells.filter((cell) => /^\d\.\de-\d+$/.test(cell.textContent?.trim() ?? ""));
        const edge = document.querySelector(".vp-doc")?.getBoundingClientRect().right ?? 0;
        return {
          beyond: figures.filter((cell) => cell.getBoundingClientRect().right > edge + 1).length,
          broken: figures.filter((cell) => getComputedStyle(cell).whiteSpace !== "nowrap").length,
        };
      });
      expect({ beyond, broken }).toEqual({ beyond: 0, broken: 0 });
    },
  );

  it.each(pages)(
    "/%s needs nothing from elsewhere, and neither scrolls sideways nor breaks options on a telephone",
    async (path) => {
      const page = await open(path, 390);
      const { title, icon, beyond, broken, unseen } = await page.evaluate(() => ({
        title: document.querySelector("h1")?.textContent,
        icon: document.querySelector("link[rel=icon]")?.getAttribute("href"),
        beyond: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        broken: Array.from(document.querySelectorAll("code .option"))
          .filter((option) => option.getClientRects().length > 1)
          .map(({ textContent }) => textContent),
        unseen: Array.from(document.images).filter(
          ({ complete, naturalWidth }) => complete && naturalWidth === 0,
        ).length,
      }));
      expect(title).toBeTruthy();
      expect(icon).toMatch(/^data:image\/svg/);
      expect(beyond).toBe(0);
      expect(broken).toEqual([]);
      expect(unseen).toBe(0);
      expect(elsewhere).toEqual([]);
      expect(errors).toEqual([]);
    },
  );

  it.each([
    ["completeness", "Integrated gradients"],
    ["keep_true", "Coming from ClinicaDL"],
    ["nifti affine", "map.nii.gz"],
    ["not-finite", "Errors and exit statuses"],
    ["--nifti_template_path", "Commands and options"],
  ])("is searched for %s without a server", async (words, found) => {
    const page = await open("");
    await page.keyboard.press("Control+k");
    await page.locator(".VPLocalSearchBox input").fill(words);
    await page.locator(".VPLocalSearchBox .result", { hasText: found }).first().waitFor();
    expect(elsewhere).toEqual([]);
  });
});
