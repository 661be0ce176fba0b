import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../../packages/runtime-web/tests/find-chromium.ts";
import { nifti } from "../agreement/toy-images.ts";
import { network } from "../agreement/toy-networks.ts";
import { samplePath } from "../engine/open-sample.ts";
import { buildPage } from "./built-page.ts";
import { type Host, hostOf } from "./hosts.ts";
import { drive } from "./page-driver.ts";

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)("files of the user in the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "voxplain-own-files-"));
  let built: Awaited<ReturnType<typeof buildPage>>;
  let server: Host;
  let browser: Browser;
  let page: Page;
  let user: ReturnType<typeof drive>;
  const path = (name: string) => join(folder, name);
  const pick = async (...names: string[]) => {
    await page.getByLabel("Files of models and images").setInputFiles(names.map(path));
    await page.getByText(/^Opened/).waitFor();
    await user.idle();
  };

  beforeAll(async () => {
    built = await buildPage();
    const linked = new Map([
      ["linked/colours.onnx", await network({ input: [3, 5, 6] })],
      ["linked/rgb.png", readFileSync(join(samplePath, "../packages/cli/tests/fixtures/pictures/rgb.png"))],
    ]);
    server = await hostOf(built.folder, { isolated: true, files: linked });
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
    page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    page.setDefaultTimeout(0);
    await page.goto(`${server.url}#sample`);
    await page.getByRole("radio").first().waitFor();
    user = drive(page);
    await user.idle();
    const pictures = join(samplePath, "../packages/cli/tests/fixtures/pictures");
    for (const name of ["rgb.png", "profile.jpg"])
      writeFileSync(path(name), readFileSync(join(pictures, name)));
    writeFileSync(path("colours.onnx"), await network({ input: [3, 5, 6] }));
    writeFileSync(path("voxels.onnx"), await network({ input: [1, 6, 5, 4], output: "grid" }));
    writeFileSync(path("brain.nii"), nifti([6, 5, 4]));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are a PNG and a JPEG beside an ONNX file, whose preprocessing the page asks for", async () => {
    await pick("colours.onnx", "rgb.png", "profile.jpg");
    expect(await page.getByRole("radio").count()).toBe(2);
    const form = page.getByLabel("Preprocessing", { exact: true });
    expect(await form.isVisible()).toBe(true);
    await user.explain();
    expect(await user.problems.textContent()).toContain("the network gets the values as they are stored");
    await form.selectOption("steps");
    for (const step of ["rgb", "resize", "z-score"]) await user.choose("Add a preprocessing step", step);
    expect(await page.getByLabel("Preprocessing steps").inputValue()).toBe("rgb resize=5,6 z-score");
    await form.selectOption("z-score");
    await user.explain();
    expect(await user.problems.isVisible()).toBe(false);
    await shot("picture");
  });

  it("are explained all together, and their predictions are a table", async () => {
    await page.getByRole("button", { name: "Explain all" }).click();
    await user.idle();
    await page.waitForFunction(() => document.querySelectorAll(".results select")[0]?.children.length === 4);
    await user.idle();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save predictions" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("predictions.tsv");
    const [header, ...rows] = readFileSync(await download.path(), "utf8")
      .trimEnd()
      .split("\n");
    const columns = [
      "explained_class",
      "predicted_class",
      "logit0",
      "logit1",
      "logit2",
      "proba0",
      "proba1",
      "proba2",
    ];
    expect(header).toBe(["image", ...columns].join("\t"));
    expect(rows).toHaveLength(2);
  });

  it("are a network with a class for each voxel, explained over all of them and at one", async () => {
    await pick("voxels.onnx", "brain.nii");
    await page.getByRole("radio", { name: "brain.nii" }).check();
    await user.choose("Class", "1");
    await user.explain();
    await shot("segmentation");
    await user.choose("Explained output", "voxel");
    await page.getByLabel("Voxel of the output").fill("2,3,9");
    await page.getByRole("button", { name: "Explain", exact: true }).click();
    await user.problems.getByText(/outside the image/).waitFor();
    await page.getByLabel("Voxel of the output").fill("2,3,1");
    await user.explain();
    await user.moveTo([0, 0, 3]);
    // The map of one voxel ends where the convolution around it does.
    expect((await user.readout()).value).toBe(0);
    await user.choose("Explained output", "value");
    await page.getByLabel("Value of the output").fill("1,2,3,1");
    await user.explain();
    await expect.poll(() => page.locator(".map .caption").first().textContent()).toMatch(/^output 1,2,3,1: /);
  });

  it("are there again after a reload, with their maps and what was chosen, until they are forgotten", async () => {
    const state = async () => ({
      images: await page.locator(".session .name").allTextContents(),
      maps: await page.getByLabel("Map", { exact: true }).locator("option").allTextContents(),
      title: await page.locator(".map h2").first().textContent(),
      target: await page.getByLabel("Class", { exact: true }).inputValue(),
      chosen: await page.locator(".session:has(:checked) .name").textContent(),
    });
    const before = await state();
    expect(before.maps.length).toBeGreaterThan(3);
    expect(before).toMatchObject({ target: "1", chosen: "brain.nii" });
    // What was changed last is kept a moment later.
    await page.waitForTimeout(1000);
    await page.reload();
    await page.locator(".map dd[data-value]").first().waitFor();
    await user.idle();
    expect(await state()).toEqual(before);
    await user.explain();
    expect(await page.locator(".opened h3").allTextContents()).toEqual(["2 files", "3 files"]);

    page.once("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "Forget all" }).click();
    await page.getByRole("link", { name: /your own/ }).waitFor();
    expect(await page.getByRole("link", { name: "Continue where you were" }).isVisible()).toBe(false);
    expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([
      "voxplain-explorer",
    ]);
    await page.goto(`${server.url}#kept`);
    await page.getByRole("heading", { name: "Open a model and images" }).waitFor();
    await user.idle();
    expect(await page.getByRole("radio").count()).toBe(0);
  });

  it("can be at addresses that a link names, with what is chosen, where the page may fetch them", async () => {
    const link = "#open=linked/colours.onnx&open=linked/rgb.png&Class=2&Preprocessing=z-score&explain";
    await page.goto("about:blank");
    await page.goto(`${server.url}${link}`);
    await page.locator(".map dd[data-value]").first().waitFor();
    await user.idle();
    await expect.poll(() => page.locator(".map .caption").first().textContent()).toContain("for class 2");
    expect(await page.locator(".opened li").allTextContents()).toEqual([
      "✓model colours.onnx",
      "✓images: 1 rgb.png",
    ]);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByText("The link is copied.").waitFor();
    const copied = new URL(await page.evaluate(() => navigator.clipboard.readText()));
    const asked = new URLSearchParams(copied.hash.slice(1));
    expect(asked.getAll("open")).toEqual(["linked/colours.onnx", "linked/rgb.png"]);
    expect([asked.get("Class"), asked.get("Preprocessing"), asked.has("explain")]).toEqual([
      "2",
      "z-score",
      true,
    ]);

    await page.goto("about:blank");
    await page.goto(`${server.url}#open=https://example.org/a.onnx`);
    await user.problems.waitFor();
    expect(await user.problems.textContent()).toContain("this page may not fetch from that host");
  });

  /** For whoever wants to see the page. */
  async function shot(name: string): Promise<void> {
    const to = process.env.VOXPLAIN_SCREENSHOTS;
    if (to !== undefined) await page.screenshot({ path: join(to, `${name}.png`) });
  }
});
