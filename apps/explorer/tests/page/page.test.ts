import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readNifti } from "@voxplain/caps-io";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../../packages/runtime-web/tests/find-chromium.ts";
import type { View } from "../../src/viewer/display.ts";
import { tilesOf } from "../../src/viewer/plane-layout.ts";
import { npy, relativeError, samplePath } from "../engine/open-sample.ts";
import { buildPage, previewServer } from "./built-page.ts";
import { type Host, hostOf } from "./hosts.ts";
import {
  brightnessCorrelation,
  controlCount,
  faintTexts,
  namelessControls,
  pixelShares,
} from "./page-checks.ts";
import { drive } from "./page-driver.ts";

const executablePath = findChromium();

// The gradient of the AD logit by PyTorch in float64, sub-SIM001, fold 0: expected/random_small/fold-0/maps.tsv.
const strongest = { voxel: [55, 48, 32], value: 0.69936133793175448 };
const weakest = { voxel: [54, 54, 29], value: -0.56041159490631198 };

describe.skipIf(executablePath === undefined)("the page", () => {
  let built: Awaited<ReturnType<typeof buildPage>>;
  let server: Host;
  let browser: Browser;
  let page: Page;
  let user: ReturnType<typeof drive>;
  const errors: string[] = [];

  beforeAll(async () => {
    built = await buildPage();
    server = await hostOf(built.folder, { isolated: true });
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      args: ["--no-sandbox", "--host-resolver-rules=MAP intranet.test 127.0.0.1"],
    });
    page = await open(await browser.newContext({ viewport: { width: 1024, height: 640 } }), server.url);
    user = drive(page);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function open(context: Awaited<ReturnType<Browser["newContext"]>>, url: string): Promise<Page> {
    const opened = await context.newPage();
    // A test has as long as vitest gives it: Playwright's own half a minute is too short on a busy machine.
    opened.setDefaultTimeout(0);
    opened.on("pageerror", (error) => errors.push(error.message));
    opened.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await opened.goto(`${url}#sample`);
    await opened.getByRole("radio").first().waitFor();
    await drive(opened).idle();
    return opened;
  }

  /** Where the planes are that are shown: without a graphics card, no rendering is beside them. */
  async function planesIn(room: { readonly clientWidth: number; readonly clientHeight: number }) {
    const view = (await page.getByLabel("View", { exact: true }).inputValue()) as View;
    const tiles = tilesOf(view, room, [
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    return Object.fromEntries(
      tiles.flatMap(({ of, box }) => (of === "rendering" ? [] : [[of, box] as const])),
    );
  }

  it("has less than 400 kB of JavaScript, gzipped, without ONNX Runtime and NiiVue", () => {
    const assets = join(built.folder, "assets");
    const html = readFileSync(join(built.folder, "index.html"), "utf8");
    const first = readdirSync(assets).filter((name) => name.endsWith(".js") && html.includes(name));
    expect(first.length).toBeGreaterThan(0);
    const own = readdirSync(assets).filter((name) => /^(index|desk|inference-worker)-.*\.js$/.test(name));
    const bytes = [...new Set([...first, ...own])].map(
      (name) => gzipSync(readFileSync(join(assets, name))).length,
    );
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400_000);
  });

  it("loads NiiVue and ONNX Runtime only when they are needed", async () => {
    const loaded = await page.evaluate(() =>
      performance.getEntriesByType("resource").map(({ name }) => name),
    );
    expect(loaded.filter((name) => /niivue|\.wasm$/.test(name))).toEqual([]);
  });

  it("is isolated, so that WebAssembly has threads", async () => {
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  });

  it("explains the sample with one click, and shows the strongest voxel that PyTorch finds", async () => {
    await user.explain();
    const { voxel, millimetres, value, region } = await user.readout();
    expect(voxel?.split("  ").map(Number)).toEqual(strongest.voxel);
    // float32 on another runtime.
    expect(value / strongest.value).toBeCloseTo(1, 4);
    // The template's affine: 2 mm, origin at −84, −119, −78.
    expect(millimetres).toBe("26.0  −23.0  −14.0");
    expect(region).toBe("ParaHippocampal R");
    expect(await page.locator(".session:has(:checked) .prediction").textContent()).toContain("AD");
  });

  it("draws the brain and its map in each of the planes", async () => {
    const canvas = page.locator("canvas").first();
    const picture = (await canvas.screenshot()).toString("base64");
    const room = await canvas.evaluate(({ clientWidth, clientHeight }) => ({ clientWidth, clientHeight }));
    const places = await planesIn(room);
    expect(Object.keys(places)).toHaveLength(3);
    const shares = await page.evaluate(pixelShares, { picture, places });
    for (const [plane, { grey, coloured }] of Object.entries(shares)) {
      expect(grey, plane).toBeGreaterThan(0.1);
      expect(coloured, plane).toBeGreaterThan(0.001);
    }
  });

  it("shows the value at a voxel that is typed in", async () => {
    const { dims, data } = npy(
      `${samplePath}/expected/random_small/fold-0/individual/sub-SIM001_ses-M00_every3.npy`,
    );
    // The file holds every third voxel.
    const [, height = 0, depth = 0] = dims.slice(-3);
    await user.moveTo([54, 48, 30]);
    const { voxel, value } = await user.readout();
    expect(voxel).toBe("54  48  30");
    expect(value).toBeCloseTo(data[(18 * height + 16) * depth + 10]!, 5);
  });

  it("moves the crosshair by keys, to the left when left is pressed", async () => {
    await user.moveTo([54, 48, 30]);
    await page.locator("canvas").first().focus();
    for (const key of ["ArrowLeft", "ArrowUp", "ArrowUp", "PageUp", "Shift+PageDown"]) {
      await page.keyboard.press(key);
    }
    expect((await user.readout()).voxel).toBe("53  44  32");
    expect(await page.getByLabel("Voxel index j").inputValue()).toBe("44");
  });

  it("changes the method: absolute gradients are the size of PyTorch's gradient", async () => {
    await user.choose("Method to explain with", "absolute-gradients");
    await user.explain();
    await user.moveTo(weakest.voxel);
    expect((await user.readout()).value / Math.abs(weakest.value)).toBeCloseTo(1, 4);
  });

  it("compares two maps at one crosshair", async () => {
    await user.choose("Compare with", "1");
    await page.locator(".map").nth(1).locator("dd[data-value]").waitFor();
    await user.moveTo(weakest.voxel);
    const [left, right] = [await user.readout(0), await user.readout(1)];
    expect(left.voxel).toBe(right.voxel);
    expect(right.value).toBeCloseTo(-left.value, 6);
    await user.choose("Compare with", "");
  });

  it("downloads a NIfTI that is the gradient of PyTorch on the grid of the template", async () => {
    await user.choose("Map", "1");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "NIfTI" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("sub-SIM001_ses-M00_gradients_class-1.nii.gz");
    const { data, shape, affine } = await readNifti(readFileSync(await download.path()), "download");
    const template = readFileSync(`${samplePath}/template/colin27_t1_2mm.nii.gz`);
    expect(affine).toEqual((await readNifti(template, "template")).affine);
    const expected = npy(
      `${samplePath}/expected/random_small/fold-0/individual/sub-SIM001_ses-M00_every3.npy`,
    );
    const [width, height, depth] = shape;
    const every3: number[] = [];
    for (let i = 0; i < width; i += 3) {
      for (let j = 0; j < height; j += 3) {
        for (let k = 0; k < depth; k += 3) every3.push(data[(i * height + j) * depth + k]!);
      }
    }
    // float32 on another runtime: PyTorch's own strays by 2e-7.
    expect(relativeError(Float32Array.from(every3), expected.data)).toBeLessThan(1e-5);
  });

  it("downloads NumPy, a picture and a report that loads nothing", async () => {
    const contents: string[] = [];
    for (const name of ["NumPy", "PNG", "HTML report", "SVG"]) {
      const button = page.getByRole("button", { name });
      const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
      contents.push(readFileSync(await download.path(), "latin1"));
    }
    const [npyFile = "", png = "", html = "", svg = ""] = contents;
    expect(npyFile.slice(1, 6)).toBe("NUMPY");
    expect(png.slice(1, 4)).toBe("PNG");
    expect(html).toContain("data:image/png;base64,");
    expect(html).not.toMatch(/<script|src="(?!data:)/);
    for (const part of [
      "SHA-256 of the weights",
      "saliency map of the logit of",
      "voxplain interpret individual",
    ]) {
      expect(html).toContain(part);
    }
    // Words and scale of the figure are text and shapes; the drawing is an image.
    expect(svg).toMatch(/<text [^>]*>sub-SIM001 ses-M00 .* Gradients<\/text>/);
    expect(svg).toContain("Neurological: left is left");
    expect(svg).toMatch(/<linearGradient id="scale">.*<image href="data:image\/png;base64,/s);
  });

  it("keeps the anatomy visible under Grad-CAM, and states the convention on the picture", async () => {
    await user.choose("Method to explain with", "grad-cam");
    await user.explain();
    const canvas = page.locator("canvas").first();
    const room = await canvas.evaluate(({ clientWidth, clientHeight }) => ({ clientWidth, clientHeight }));
    const drawn = async (opacity: string) => {
      await page.getByLabel(/^Opacity/).fill(opacity);
      await user.idle();
      return (await canvas.screenshot()).toString("base64");
    };
    const usual = await page.getByLabel(/^Opacity/).inputValue();
    const pictures = [await drawn("0"), await drawn(usual)] as const;
    // The brain is in the middle of the axial plane, and there Grad-CAM has strong colours.
    const [left, top, width, height] = (await planesIn(room)).axial!;
    const place = [left + 0.3 * width, top + 0.3 * height, 0.4 * width, 0.4 * height] as const;
    expect(await page.evaluate(brightnessCorrelation, { pictures, place })).toBeGreaterThan(0.6);
    const { coloured } = (await page.evaluate(pixelShares, { picture: pictures[1], places: { place } }))
      .place!;
    expect(coloured).toBeGreaterThan(0.3);
    await page.getByText("More display options").click();
    await user.choose("Convention", "radiological");
    await user.idle();
    expect(await page.locator(".map .convention").first().textContent()).toBe("Radiological: left is right");
    expect(await page.locator(".letters span").first().textContent()).toBe("R");
    const usualView = await page.getByLabel("View", { exact: true }).inputValue();
    await user.choose("View", "axial");
    await page.getByText(/^z = /).first().waitFor();
    expect(await page.locator(".letters span").filter({ hasText: "z =" }).count()).toBe(12);
    await user.choose("View", usualView);
    await user.choose("Convention", "neurological");
    await user.choose("Method to explain with", "gradients");
  });

  it("copies the command that repeats the map", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy command" }).click();
    await page.getByText(/^Copied\. Run it in/).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(
      /^printf 'participant_id\\tsession_id.* &&\nvoxplain interpret individual sample\/models\/random_small /,
    );
    expect(copied).toContain(
      "--method grad-cam --folds 0 --selection best_balanced_accuracy --caps_dir sample/caps",
    );
  });

  it("says what is wrong with broken files, and continues", async () => {
    await user.drop("broken.onnx", "this is no model");
    await user.problems.waitFor();
    expect(await user.problems.textContent()).toMatch(/broken\.onnx/);
    // What was computed with is not what was dropped: whoever goes on has to see that.
    await user.explain();
    expect(await user.problems.textContent()).toMatch(/broken\.onnx/);
    await page.getByRole("button", { name: "Dismiss" }).click();
    await user.drop("notes.docx", "nothing of use");
    await user.problems.waitFor();
    expect(await user.problems.textContent()).toMatch(/notes\.docx|can be used|recogniz/i);
    await page.getByRole("button", { name: "Dismiss" }).click();
    expect(await page.getByRole("radio").count()).toBe(4);
  });

  it("cancels a run, and can compute again", { retry: 2 }, async () => {
    await user.choose("Method to explain with", "integrated-gradients");
    await page.getByRole("button", { name: "Explain", exact: true }).click();
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 0);
    const before = Date.now();
    await page.getByRole("button", { name: "Cancel" }).click();
    await user.idle();
    expect(Date.now() - before).toBeLessThan(2000);
    expect(await user.status.textContent()).toContain("Cancelled");
    await user.choose("Method to explain with", "gradients");
    await user.choose("Class", "0");
    await user.explain();
    await expect.poll(() => page.locator(".map .caption").first().textContent()).toContain("for CN");
  });

  it("predicts all images, and averages their maps", async () => {
    await page.getByRole("button", { name: "Predict all" }).click();
    await user.idle();
    expect(await page.locator(".prediction .share").count()).toBe(4);
    await page.getByRole("button", { name: "Group mean" }).click();
    await page.waitForFunction(() => /mean/i.test(document.querySelector(".map h2")?.textContent ?? ""));
    await user.idle();
  });

  it("averages what was chosen when the group began, whatever is chosen meanwhile", async () => {
    // In the page, as the job may be done before a test has seen that it runs.
    const changed = page
      .getByLabel("Method to explain with", { exact: true })
      .evaluate(async (method: HTMLSelectElement) => {
        const step = document.querySelector(".job-step");
        while (!/[123] of 4/.test(step?.textContent ?? "")) {
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        method.value = "input-x-gradient";
        method.dispatchEvent(new Event("change", { bubbles: true }));
        method.dispatchEvent(new Event("input", { bubbles: true }));
      });
    await page.getByRole("button", { name: "Group mean" }).click();
    await changed;
    await user.idle();
    expect(await user.problems.isVisible()).toBe(false);
    await expect
      .poll(() => page.locator(".map h2").first().textContent())
      .toBe("mean of 4 images · Gradients");
    await user.choose("Method to explain with", "gradients");
  });

  it("says of files that come while it computes that they have to wait", async () => {
    const start = page.getByRole("button", { name: "Predict all" });
    await start.focus();
    await page.keyboard.press("Enter");
    await user.drop("volume.onnx", "opened later");
    await user.problems.waitFor();
    expect(await user.problems.textContent()).toContain("Opening volume.onnx was not begun");
    await user.idle();
    await page.getByRole("button", { name: "Dismiss" }).click();
  });

  it("reads out how a job begins and ends, not each of its steps; the keyboard goes on where it was", async () => {
    const start = page.getByRole("button", { name: "Predict all" });
    const announced = page.evaluate(async () => {
      const texts: string[] = [];
      const status = document.querySelector("[role=status]");
      const watcher = new MutationObserver(() => void texts.push(status?.textContent ?? ""));
      watcher.observe(status!, { childList: true });
      while (!texts.at(-1)?.includes("done")) await new Promise((resolve) => setTimeout(resolve, 20));
      return texts;
    });
    await start.focus();
    await page.keyboard.press("Enter");
    expect(await announced).toEqual(["Predicting", "Predicting: done."]);
    await user.idle();
    expect(await start.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it("opens an ONNX file and an image of one's own in the place of the sample, and explains it", async () => {
    const folder = join(samplePath, "../packages/cli/tests/fixtures/onnx");
    const picker = page.getByLabel("Files of models and images");
    await picker.setInputFiles([join(folder, "volume.onnx"), join(folder, "volume.nii.gz")]);
    await page.getByText(/^Opened the model/).waitFor();
    expect(await page.getByRole("radio").count()).toBe(1);
    expect(await page.getByLabel("Map", { exact: true }).locator("option").count()).toBe(0);
    expect(await user.problems.isVisible()).toBe(false);
    await page.getByRole("radio", { name: "volume.nii.gz" }).check();
    await user.choose("Class", "predicted");
    await user.explain();
    await expect.poll(() => page.locator(".map h2").first().textContent()).toBe("volume.nii.gz · Gradients");
    const { value, region } = await user.readout();
    expect(value).not.toBe(0);
    expect(region).toBe("no atlas");
    // The file has no names for its classes.
    await page.getByLabel("Names of the classes").fill("CN, AD");
    await page.getByLabel("Names of the classes").press("Tab");
    await user.choose("Class", "1");
    await user.explain();
    await expect
      .poll(() => page.locator(".map .caption").first().textContent())
      .toContain("for AD · predicted ");
  });

  it.each(["light", "dark"])(
    "names every control, and has a contrast of 4.5 in the %s theme",
    async (theme) => {
      await user.choose("Theme", theme);
      await page.locator("details").evaluateAll((found) => {
        for (const details of found) details.setAttribute("open", "");
      });
      expect(await page.evaluate(namelessControls)).toEqual([]);
      expect(await page.evaluate(faintTexts)).toEqual([]);
    },
  );

  it("is reached by the keyboard, control by control", async () => {
    const expected = await page.evaluate(controlCount);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    const reached = new Set<string>();
    for (let presses = 0; presses < expected + 20; presses++) {
      await page.keyboard.press("Tab");
      const name = await page.evaluate(() => {
        const active = document.activeElement;
        const all = [...document.querySelectorAll("button, input, select, summary, canvas")];
        return active === null || active === document.body ? "" : String(all.indexOf(active));
      });
      if (name !== "" && name !== "-1") reached.add(name);
    }
    expect(reached.size).toBe(expected);
  });

  it("computes the first layers by kernels unless they are left to ONNX Runtime, which is remembered: the maps are the same", async () => {
    const other = await open(page.context(), server.url);
    const firstLayers = () => other.getByLabel("First layers of 3D networks by", { exact: true });
    async function explained() {
      await drive(other).explain();
      const files: string[] = [];
      for (const name of ["NumPy", "HTML report"]) {
        const button = other.getByRole("button", { name });
        const [download] = await Promise.all([other.waitForEvent("download"), button.click()]);
        files.push(await download.path());
      }
      const [map = "", report = ""] = files;
      const kernels = /Kernels<\/dt><dd><bdi>(on|off)/.exec(readFileSync(report, "utf8"))?.[1];
      return { map: npy(map).data, kernels };
    }
    expect(await firstLayers().inputValue()).toBe("kernels");
    const own = await explained();
    expect(own.kernels).toBe("on");
    await firstLayers().selectOption("runtime");
    await drive(other).idle();
    const plain = await explained();
    expect(plain.kernels).toBe("off");
    // Sums in another order: other bits, the same map.
    expect(plain.map).not.toEqual(own.map);
    expect(relativeError(plain.map, own.map)).toBeLessThan(1e-5);
    await other.reload();
    await other.getByRole("radio").first().waitFor();
    expect(await firstLayers().inputValue()).toBe("runtime");
    await other.close();
  });

  it("computes and reports on a host of an intranet, which browsers do not take for secure", async () => {
    const host = await hostOf(built.folder, { isolated: false });
    const plain = await open(await browser.newContext(), host.url.replace("127.0.0.1", "intranet.test"));
    expect(await plain.evaluate(() => isSecureContext)).toBe(false);
    await drive(plain).explain();
    expect((await drive(plain).readout()).value / strongest.value).toBeCloseTo(1, 4);
    const [download] = await Promise.all([
      plain.waitForEvent("download"),
      plain.getByRole("button", { name: "HTML report" }).click(),
    ]);
    expect(readFileSync(await download.path(), "utf8")).toContain("the logit of AD");
    await plain.context().close();
    await host.close();
  });

  it("opens the sample on the host that `pnpm explorer` starts, which calls ranges of .nii.gz compressed, and says where its port is taken", async () => {
    const host = await previewServer(built.folder);
    const answer = await fetch(new URL("sample/template/aal_2mm.nii.gz", host.url), {
      headers: { Range: "bytes=0-99" },
    });
    expect([answer.status, answer.headers.get("Content-Encoding")]).toEqual([206, "gzip"]);
    await answer.body?.cancel();
    await expect(previewServer(built.folder, Number(new URL(host.url).port))).rejects.toThrow(
      /already in use/,
    );
    const previewed = await open(await browser.newContext(), host.url);
    expect(await drive(previewed).problems.isVisible()).toBe(false);
    expect(await previewed.getByRole("radio").count()).toBe(4);
    await previewed.context().close();
    await host.close();
  });

  it("isolates itself on a plain host, and works without it after the first load", async () => {
    const host = await hostOf(built.folder, { isolated: false });
    const offline = await open(
      await browser.newContext({ viewport: { width: 1024, height: 640 } }),
      host.url,
    );
    await offline.waitForFunction(() => document.documentElement.dataset.offline === "ready");
    expect(await offline.evaluate(() => crossOriginIsolated)).toBe(true);
    await host.close();
    await offline.reload();
    await offline.getByRole("radio").first().waitFor();
    await drive(offline).explain();
    expect((await drive(offline).readout()).value / strongest.value).toBeCloseTo(1, 4);
    await offline.close();
  });

  it("keeps the version that an open page began with, and shows a new one when it was closed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "voxplain-versions-"));
    cpSync(built.folder, folder, { recursive: true });
    const host = await hostOf(folder, { isolated: true });
    const context = await browser.newContext();
    const old = await open(context, host.url);
    await old.waitForFunction(() => document.documentElement.dataset.offline === "ready");

    // The files of the old version are gone, as after any change.
    for (const name of readdirSync(join(folder, "assets"))) rmSync(join(folder, "assets", name));
    writeFileSync(join(folder, "index.html"), "<!doctype html><title>the next version</title>");
    const worker = readFileSync(join(folder, "service-worker.js"), "utf8");
    const [, shipped = ""] = worker.match(/self\.shipped = (.*);\n/) ?? [];
    const next = { version: "next", first: ["./"], files: ["./"] };
    writeFileSync(join(folder, "service-worker.js"), worker.replace(shipped, JSON.stringify(next)));
    await old.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update();
    });
    await old.waitForFunction(async () => (await navigator.serviceWorker.ready).waiting !== null);
    // NiiVue is loaded only now.
    await drive(old).explain();
    expect((await drive(old).readout()).value / strongest.value).toBeCloseTo(1, 4);
    await old.close();

    const fresh = await context.newPage();
    // The browser takes a moment to see that the page was closed.
    const titleNow = async () => {
      await fresh.goto("about:blank");
      await fresh.goto(host.url);
      return fresh.title();
    };
    await expect.poll(titleNow).toBe("the next version");
    await context.close();
    await host.close();
    rmSync(folder, { recursive: true });
  });

  it("asks nothing of other servers, and writes no error to the console", async () => {
    const asked = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    expect(asked.filter((url) => !url.startsWith(server.url) && !/^(blob|data):/.test(url))).toEqual([]);
    expect(errors).toEqual([]);
  });
});
