import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "../../../../packages/cli/tests/run-voxplain.ts";
import { findChromium } from "../../../../packages/runtime-web/tests/find-chromium.ts";
import { samplePath } from "../engine/open-sample.ts";
import { buildPage } from "./built-page.ts";
import { type Host, hostOf } from "./hosts.ts";
import { faintTexts, namelessControls } from "./page-checks.ts";
import { drive } from "./page-driver.ts";

const executablePath = findChromium();
const atlas = join(samplePath, "template/aal_2mm.nii.gz");
const labels = join(samplePath, "template/aal_labels.tsv");

describe.skipIf(executablePath === undefined)("regions and groups in the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "voxplain-page-findings-"));
  const errors: string[] = [];
  let built: Awaited<ReturnType<typeof buildPage>>;
  let server: Host;
  let browser: Browser;
  let page: Page;
  let user: ReturnType<typeof drive>;

  beforeAll(async () => {
    built = await buildPage();
    server = await hostOf(built.folder, { isolated: true });
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
    page = await (await browser.newContext({ viewport: { width: 1280, height: 1000 } })).newPage();
    page.setDefaultTimeout(0);
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`${server.url}#sample`);
    await page.getByRole("radio").first().waitFor();
    user = drive(page);
    await user.idle();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function download(button: string): Promise<Uint8Array> {
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: button, exact: true }).click(),
    ]);
    return readFileSync(await saved.path());
  }
  /** The memory of all arrays of the page, in images of the sample in float32. */
  async function imagesHeld(): Promise<number> {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("HeapProfiler.collectGarbage");
    const { backingStorageSize } = await cdp.send("Runtime.getHeapUsage");
    await cdp.detach();
    return backingStorageSize / (4 * 85 * 104 * 90);
  }
  const regionRows = (of: Page) => of.getByRole("region", { name: "Regions of the map that is shown" });

  it("the table of regions is that of voxplain regions for the map that is saved, byte for byte", async () => {
    await user.choose("Class", "1");
    await user.explain();
    await page.getByText("Regions of this map").click();
    await regionRows(page).locator("tbody tr").first().waitFor();
    await user.idle();
    await shot("regions");
    writeFileSync(join(folder, "map.nii.gz"), await download("NIfTI"));
    const table = "participant_id\tsession_id\tmap\nsub-SIM001\tses-M00\tmap.nii.gz\n";
    writeFileSync(join(folder, "maps.tsv"), table);
    const out = join(folder, "regions");
    const { status } = await voxplain(
      ...["regions", join(folder, "maps.tsv"), "--atlas", atlas, "--labels", labels, "--output_dir", out],
    );
    expect(status).toBe(0);
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    expect(text(await download("Save regions.tsv"))).toBe(readFileSync(join(out, "regions.tsv"), "utf8"));
  });

  it("is sorted by a column, and a peak moves the crosshair into its region", async () => {
    const rows = regionRows(page).locator("tbody tr");
    expect(await rows.count()).toBe(117);
    await regionRows(page).getByRole("button", { name: "share" }).click();
    const shares = await rows.locator("td:nth-child(9)").allTextContents();
    const numbers = shares.filter((share) => share !== "n/a").map(Number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    const inside = rows.filter({ hasNotText: "outside" }).first();
    await inside.locator(".peak").click();
    const { region, value } = await user.readout();
    expect(region).toBe((await inside.locator("td").nth(1).textContent())?.replaceAll("_", " "));
    const peak = Number((await inside.locator("td.number").last().textContent())?.replace("−", "-"));
    expect(Math.abs(value - peak)).toBeLessThanOrEqual(1e-3 * Math.abs(peak));
  });

  it("two groups of a cohort that was explained have the files of voxplain compare", async () => {
    const before = await imagesHeld();
    await page.getByRole("button", { name: "Explain all" }).click();
    await page.getByText(/^Explaining 4 images: done/).waitFor();
    await user.idle();
    // Of the cohort, the mean image stays, and planes of the maps: a map and an anatomy of each would be six more.
    expect((await imagesHeld()) - before).toBeLessThan(4);
    // All maps at a glance, on one scale; a click shows one.
    const thumbnails = page.locator(".cohort-maps .thumbnail");
    expect(await thumbnails.count()).toBe(4);
    await page.getByRole("button", { name: /^sub-SIM003 ses-M00 AD → AD/ }).click();
    await page.locator(".map h2").filter({ hasText: "sub-SIM003 ses-M00 · Gradients" }).waitFor();
    // Its clusters: the peak of the largest is where its table says.
    await page.getByText("Peaks of this map").click();
    const clusters = page.getByRole("region", { name: "Clusters of the map that is shown" });
    await clusters.locator(".peak").first().click();
    const cells = await clusters.locator("tbody tr").first().locator("td").allTextContents();
    const { value, region } = await user.readout();
    expect(value / Number(cells[4]?.replace("−", "-"))).toBeCloseTo(1, 3);
    expect(region).toBe(cells[6]?.replaceAll("_", " "));
    const saved = new TextDecoder().decode(await download("Save clusters.tsv"));
    expect(saved.split("\n")[0]?.split("\t")).toEqual([
      "cluster",
      "sign",
      "voxels",
      "volume_mm3",
      "peak",
      "peak_x",
      "peak_y",
      "peak_z",
      "region",
    ]);
    await page.getByText("Compare groups").click();
    expect(await page.getByLabel("Group A").inputValue()).toBe("AD");
    expect(await page.getByLabel("Group B").inputValue()).toBe("CN");
    await page.getByLabel("normalize").selectOption("mass");
    // The regions are the mask, too: fewer voxels.
    await page.getByLabel("mask", { exact: true }).setInputFiles(atlas);
    await page.getByRole("button", { name: "Compare", exact: true }).click();
    await page.getByText(/^Comparing AD with CN: done/).waitFor();
    await shot("comparison");
    expect(await page.locator(".finding .summary li").first().textContent()).toBe(
      "A (2) and B (2), 6 relabellings, all that exist",
    );
    await expect.poll(() => page.locator(".map h2").first().textContent()).toBe("AD − CN · t");
    const files = unzipSync(await download("Save all files (.zip)"));
    const job = join(folder, "job");
    for (const [path, bytes] of Object.entries(files)) {
      if (!path.startsWith("job/")) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    const { status, errors: said } = await voxplain(
      ...[
        "compare",
        `${job}:AD`,
        `${job}:CN`,
        "AD_CN",
        "--output_dir",
        folder,
        "--normalize",
        "mass",
        "--threads",
        "1",
      ],
      ...["--atlas", atlas, "--labels", labels, "--mask", atlas],
    );
    expect(status, said).toBe(0);
    const own = (name: string) => readFileSync(join(folder, "AD_CN", name));
    for (const name of ["regions.tsv", "clusters.tsv", "null.tsv"]) {
      expect(new TextDecoder().decode(files[name]), name).toBe(own(name).toString());
    }
    const images = Object.keys(files).filter((name) => !name.includes("/") && name.endsWith(".nii.gz"));
    expect(images).toHaveLength(15);
    for (const name of images) {
      // Browsers compress otherwise; what is compressed is the same.
      expect(gunzipSync(files[name] ?? "").equals(gunzipSync(own(name))), name).toBe(true);
    }
  }, 300_000);

  it("has names for its controls, and texts that can be read", async () => {
    expect(await page.evaluate(namelessControls)).toEqual([]);
    expect(await page.evaluate(faintTexts)).toEqual([]);
    expect(errors).toEqual([]);
  });

  /** For whoever wants to see the page. */
  async function shot(name: string): Promise<void> {
    const to = process.env.VOXPLAIN_SCREENSHOTS;
    if (to !== undefined) await page.screenshot({ path: join(to, `${name}.png`), fullPage: true });
  }
});
