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
import { drive } from "./page-driver.ts";
import { type StaticServer, staticServer } from "./static-server.ts";

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)("files of the user in the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "voxplain-own-files-"));
  let built: Awaited<ReturnType<typeof buildPage>>;
  let server: StaticServer;
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
    server = await staticServer(built.folder, { isolated: true });
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
    await user.choose("Explained voxels", "voxel");
    await page.getByLabel("Voxel of the output").fill("2,3,9");
    await page.getByRole("button", { name: "Explain", exact: true }).click();
    await user.problems.getByText(/outside the image/).waitFor();
    await page.getByLabel("Voxel of the output").fill("2,3,1");
    await user.explain();
    await user.moveTo([0, 0, 3]);
    // The map of one voxel ends where the convolution around it does.
    expect((await user.readout()).value).toBe(0);
  });

  /** For whoever wants to see the page. */
  async function shot(name: string): Promise<void> {
    const to = process.env.VOXPLAIN_SCREENSHOTS;
    if (to !== undefined) await page.screenshot({ path: join(to, `${name}.png`) });
  }
});
