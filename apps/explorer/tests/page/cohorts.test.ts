import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../../packages/runtime-web/tests/find-chromium.ts";
import { writeToyCohorts } from "../agreement/toy-cohorts.ts";
import { buildPage } from "./built-page.ts";
import { type Host, hostOf } from "./hosts.ts";
import { controlCount, faintTexts, namelessControls } from "./page-checks.ts";
import { drive } from "./page-driver.ts";

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)("MAPS folders and cohorts in the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "voxplain-page-cohorts-"));
  let built: Awaited<ReturnType<typeof buildPage>>;
  let server: Host;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let user: ReturnType<typeof drive>;

  beforeAll(async () => {
    await writeToyCohorts(folder);
    built = await buildPage();
    server = await hostOf(built.folder, { isolated: true });
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
    context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(...folders: readonly string[]): Promise<void> {
    await page?.close();
    page = await context.newPage();
    page.setDefaultTimeout(0);
    await page.goto(`${server.url}#sample`);
    await page.getByRole("radio").first().waitFor();
    user = drive(page);
    await user.idle();
    for (const name of folders) await openFolder(name);
  }
  async function openFolder(name: string): Promise<void> {
    await page.getByLabel("Folder of a model, a CAPS or images").setInputFiles(join(folder, name));
    await page.getByText(new RegExp(`^(Opened|Failed: Opening ${name})`)).waitFor();
    await user.idle();
  }
  const names = () => page.locator(".session .name").allTextContents();

  it("lists the sessions of a table, and those without an image with the reason, by keyboard too", async () => {
    await start("maps", "table");
    expect(await names()).toEqual(["sub-01 ses-M00", "sub-02 ses-M00", "sub-03 ses-M00", "sub-04 ses-M00"]);
    const summary = page.locator(".absent summary");
    expect(await summary.textContent()).toBe("Without an image: 1 session");
    await summary.focus();
    await page.keyboard.press("Enter");
    expect(await page.getByRole("list", { name: "Sessions without an image" }).textContent()).toBe(
      "sub-05 ses-M00 table/images/sub-05.nii.gz: there is no such file",
    );
    await shot("table");
    expect(await page.evaluate(namelessControls)).toEqual([]);
    expect(await page.evaluate(faintTexts)).toEqual([]);
    expect(await page.evaluate(controlCount)).toBeGreaterThan(20);
  });

  it("explains for a class of the model, of the rows with a label that is chosen", async () => {
    expect(await page.getByLabel("Class", { exact: true }).locator("option").allTextContents()).toEqual([
      ...["Predicted class", "AD", "CN", "MCI"],
    ]);
    await user.choose("Class", "0");
    await page.getByLabel("Rows", { exact: true }).selectOption({ label: "AD (2)" });
    expect(await names()).toEqual(["sub-01 ses-M00", "sub-03 ses-M00"]);
    await page.getByRole("button", { name: "Group mean" }).click();
    await page.locator(".map h2").first().getByText("mean of 2 images").waitFor();
    await user.idle();
    await shot("maps-group");
    await expect
      .poll(() => page.locator(".caption").first().textContent())
      .toMatch(/^for AD · predicted .*split 0, best loss/);
  });

  it("takes the labels from another column", async () => {
    await page.getByLabel("Labels", { exact: true }).selectOption("sex");
    await user.idle();
    await page.getByLabel("Rows", { exact: true }).selectOption({ label: "M (2)" });
    expect(await names()).toEqual(["sub-02 ses-M00", "sub-03 ses-M00"]);
  });

  it("reports the program that wrote the model, its labels and that a session was seen in training", async () => {
    await page.getByLabel("Labels", { exact: true }).selectOption("diagnosis");
    await user.idle();
    await page.getByRole("radio", { name: /^sub-01/ }).check();
    await user.explain();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "HTML report" }).click(),
    ]);
    const html = readFileSync(await download.path(), "utf8").replaceAll(/<[^>]+>/g, " ");
    expect(html).toMatch(/ClinicaDL 1\.6\.1/);
    expect(html).toMatch(/diagnosis: AD 0, CN 1, MCI 2/);
    expect(html).toMatch(/saw in training or validation/);
  });

  it("chooses among the images of a BIDS folder by a filter", async () => {
    await start("maps", "bids");
    expect(await names()).toHaveLength(4);
    const filter = page.getByLabel("BIDS filter");
    await filter.fill("suffix=FLAIR");
    await filter.press("Enter");
    await user.idle();
    expect(await names()).toHaveLength(4);
    await filter.fill("suffix=T2w");
    await filter.press("Enter");
    await user.problems.getByText(/there is no image with suffix=T2w.*FLAIR/).waitFor();
    expect(await names()).toEqual([]);
    await shot("bids");
  });

  it("shows the number that a regression gives, and no classes", async () => {
    await start("maps-age", "table");
    expect(await page.getByLabel("Class", { exact: true }).isVisible()).toBe(false);
    await user.explain();
    await expect
      .poll(() => page.locator(".caption").first().textContent())
      .toMatch(/^output: [\d.]+ · split 0/);
    expect(await page.locator(".session:has(:checked) .prediction").textContent()).toMatch(/^[\d.]+$/);
    await shot("regression");
  });

  it("refuses a network of reconstruction in a sentence", async () => {
    await start("maps-images");
    expect(await user.problems.textContent()).toMatch(/trained for reconstruction/);
  });

  /** For whoever wants to see the page. */
  async function shot(name: string): Promise<void> {
    const to = process.env.VOXPLAIN_SCREENSHOTS;
    if (to !== undefined) await page.screenshot({ path: join(to, `${name}.png`) });
  }
});
