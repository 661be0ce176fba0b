import { readFileSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../../packages/runtime-web/tests/find-chromium.ts";
import { violations } from "./axe.ts";
import { buildPage } from "./built-page.ts";
import { type Host, type HostKind, hostOf } from "./hosts.ts";
import { smallTargets } from "./page-checks.ts";
import { drive } from "./page-driver.ts";

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)("the first minute", () => {
  let folder: string;
  let host: Host;
  let browser: Browser;
  const errors: string[] = [];

  beforeAll(async () => {
    ({ folder } = await buildPage());
    host = await hostOf(folder, { isolated: true });
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    await host?.close();
  });

  async function visit(url: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(0);
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  it("has a picture of a map after less than 1 MB, and nothing more is loaded before a button is pressed", {
    retry: 2,
  }, async () => {
    host.sent();
    const page = await visit(host.url, { viewport: { width: 1280, height: 800 } });
    await page.waitForFunction(() => navigator.serviceWorker.ready.then(({ active }) => active !== null));
    const painted = await page.evaluate(async () => {
      const pictures = [...document.querySelectorAll<HTMLImageElement>(".first-map img")];
      await Promise.all(pictures.map((picture) => picture.decode()));
      const loaded = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".webp"));
      return {
        count: pictures.length,
        at: Math.max(...loaded.map((one) => (one as PerformanceResourceTiming).responseEnd)),
      };
    });
    expect(painted.count).toBe(3);
    expect(painted.at).toBeLessThan(2000);
    await page.waitForTimeout(300);
    expect(host.sent()).toBeLessThan(1_000_000);
    expect(await page.getByText("in both hippocampi").count()).toBe(1);
    await page.context().close();
  });

  it("leads to the map in the viewer, to one that is computed, and to an empty desk, on a phone and for everybody", async () => {
    const page = await visit(host.url, { viewport: { width: 390, height: 844 }, colorScheme: "light" });
    const found = { start: await violations(page), map: [] as unknown, empty: [] as unknown };
    await page.getByRole("link", { name: "Explore this map" }).click();
    await page.locator(".map dd[data-value]").first().waitFor();
    await page.getByRole("radio").first().waitFor();
    const user = drive(page);
    await user.idle();
    const { voxel, value } = await user.readout();
    expect(voxel).toBe("55  48  32");
    // sample/expected/random_small/fold-0/maps.tsv; the shipped map has 14 bits.
    expect(value / 0.69936133793175448).toBeCloseTo(1, 4);

    const explain = page.getByRole("button", { name: "Explain", exact: true });
    const button = await explain.boundingBox();
    expect((button?.y ?? 844) + (button?.height ?? 0)).toBeLessThanOrEqual(844);
    await page.evaluate(() => scrollTo(0, 2000));
    await user.explain();
    const [canvas, dock] = await Promise.all(
      ["canvas", ".dock"].map((part) => page.locator(part).first().boundingBox()),
    );
    expect(canvas?.y).toBeGreaterThanOrEqual(0);
    expect((canvas?.y ?? 844) + (canvas?.height ?? 0)).toBeLessThanOrEqual(dock?.y ?? 0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);

    await page.locator("details").evaluateAll((all) => {
      for (const details of all) details.setAttribute("open", "");
    });
    expect(await page.evaluate(smallTargets)).toEqual([]);
    await user.drop("broken.onnx", "this is no model");
    await user.problems.waitFor();
    found.map = await violations(page);
    await page.goBack();
    await page.getByRole("link", { name: /your own/ }).click();
    await page.getByRole("heading", { name: "Open a model and images" }).waitFor();
    expect(await page.getByRole("radio").count()).toBe(0);
    found.empty = await violations(page);
    expect(found).toEqual({ start: [], map: [], empty: [] });
    await page.context().close();
  });

  const hosts: readonly (readonly [string, HostKind])[] = [
    ["neither compresses nor knows ranges, as python3 -m http.server", {}],
    [
      "compresses everything, knows ranges and does not know .mjs, as nginx can",
      { compresses: true, ranges: true, knowsNoModules: true },
    ],
    [
      "sends .gz as compressed, ranges too, in a folder of the host, as vite preview",
      { callsGzEncoded: true, ranges: true, below: "/tools/explorer" },
    ],
  ];
  it.each(hosts)("opens the sample, its template and its atlas on a host that %s", async (_, kind) => {
    const other = await hostOf(folder, kind);
    const page = await visit(`${other.url}#sample`);
    await page.getByRole("radio").first().waitFor();
    await drive(page).idle();
    expect(await drive(page).problems.isVisible()).toBe(false);
    expect(await page.getByRole("radio").count()).toBe(4);
    // What isolates it is added where the host does not send it.
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    if (kind.knowsNoModules) {
      await drive(page).explain();
      expect((await drive(page).readout()).voxel).toBe("55  48  32");
    }
    await page.context().close();
    await other.close();
  });

  it("asks no other host for anything, which its policy forbids, and writes no error", async () => {
    const html = readFileSync(`${folder}/index.html`, "utf8");
    const [, policy = ""] = /Content-Security-Policy"\s+content="([^"]+)"/.exec(html) ?? [];
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("connect-src 'self' blob: data:;");
    const page = await visit(host.url);
    const refused = await page.evaluate(async () => {
      const violated = new Promise<string>((resolve) => {
        document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
      });
      await fetch("https://example.org/image.nii.gz").catch(() => {});
      return violated;
    });
    expect(refused).toBe("connect-src");
    await page.context().close();
    expect(errors.filter((error) => !error.includes("example.org"))).toEqual([]);
  });
});
