import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build as bundle } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../../packages/runtime-web/tests/find-chromium.ts";
import { displayAttributes, jobAttributes } from "../../src/embed/attributes.ts";
import { onnxPath, samplePath } from "../engine/open-sample.ts";
import { violations } from "./axe.ts";
import { explorer } from "./built-page.ts";
import { type Host, hostOf } from "./hosts.ts";

const executablePath = findChromium();
const example = join(explorer, "examples/embed");
const model = "models/random_small";
const image = "caps/subjects/sub-SIM001/ses-M00/deeplearning_prepare_data/image_based/t1_linear";

describe.skipIf(executablePath === undefined)("<voxplain-map> in a page of others", () => {
  const site = mkdtempSync(join(tmpdir(), "voxplain-embed-"));
  let server: Host;
  let browser: Browser;

  beforeAll(async () => {
    await build({
      root: explorer,
      configFile: join(explorer, "vite.embed.config.ts"),
      logLevel: "error",
      build: { outDir: join(site, "embed") },
    });
    // What an owner of a page puts on a server: it sends no headers that isolate the page.
    cpSync(join(example, "index.html"), join(site, "index.html"));
    cpSync(join(samplePath, model), join(site, "sample", model), { recursive: true });
    const paths = readdirSync(join(samplePath, model), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(samplePath, model).length + 1));
    writeFileSync(join(site, "sample", model, "files.json"), JSON.stringify(paths));
    mkdirSync(join(site, "sample/template"));
    const template = "template/colin27_t1_2mm.nii.gz";
    cpSync(join(samplePath, template), join(site, "sample", template));
    const [name = ""] = readdirSync(join(samplePath, image));
    cpSync(join(samplePath, image, name), join(site, "image.pt"));
    server = await hostOf(site, { isolated: false });
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(site, { recursive: true, force: true });
  });

  async function open(path: string) {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(new URL(path, server.url).href);
    return { page, errors };
  }

  it("shows PyTorch's largest gradient with a script tag and one element, follows its attributes, stands beside another, keeps its map where it is moved, and frees its memory where it is removed", async () => {
    const { page, errors } = await open("index.html");
    const value = page.locator("voxplain-map dd[data-value]");
    await value.waitFor();
    await page.waitForFunction(() => document.querySelector("voxplain-map")?.result !== undefined);
    // expected/random_small/fold-0/maps.tsv
    expect(Number(await value.getAttribute("data-value")) / 0.69936133793175448).toBeCloseTo(1, 4);
    expect(await page.locator("voxplain-map .caption").textContent()).toContain("for AD");
    expect(await page.locator("voxplain-map .convention").textContent()).toBe("Neurological: left is left");
    expect(await page.locator("voxplain-map .readout dd").nth(1).textContent()).toBe("26.0  −23.0  −14.0");
    const classes = await page.evaluate(async () => {
      const view = document.querySelector("voxplain-map");
      const result = new Promise<number>((resolve) =>
        view?.addEventListener("voxplain-result", ({ detail }) => resolve(detail.target), { once: true }),
      );
      view?.setAttribute("convention", "radiological");
      view?.setAttribute("target", "CN");
      return result;
    });
    expect(classes).toBe(0);
    expect(await page.locator("voxplain-map .convention").textContent()).toBe("Radiological: left is right");
    expect(await violations(page)).toEqual([]);

    // A second element, beside the first.
    const states = await page.evaluate(async () => {
      const first = document.querySelector("voxplain-map")!;
      const second = first.cloneNode() as typeof first;
      second.setAttribute("method", "absolute-gradients");
      const done = () =>
        new Promise((resolve) => second.addEventListener("voxplain-result", resolve, { once: true }));
      const apart = done();
      first.after(second);
      await apart;
      const { result } = second;
      const isSize = result?.map.every((value, k) => value === Math.abs(first.result?.map[k] ?? -1));
      const canvas = second.shadowRoot?.querySelector("canvas");
      const gl = canvas?.getContext("webgl2");
      const settled = () => new Promise((resolve) => setTimeout(resolve));
      first.before(second);
      await settled();
      const isKept = second.result === result && canvas?.isConnected && !gl?.isContextLost();
      second.remove();
      await settled();
      await settled();
      const isFreed = second.result === undefined && !canvas?.isConnected && gl?.isContextLost();
      const again = done();
      document.body.append(second);
      await again;
      return { isSize, isKept, isFreed, isThereAgain: second.result?.map.length === result?.map.length };
    });
    expect(states).toEqual({ isSize: true, isKept: true, isFreed: true, isThereAgain: true });
    expect(errors).toEqual([]);
    await page.close();
  });

  it("works in a bundle, and names what is wrong in an event and on the page", async () => {
    cpSync(join(example, "bundled.ts"), join(site, "page.ts"));
    await bundle({
      entryPoints: [join(site, "page.ts")],
      ...{ bundle: true, format: "esm", outfile: join(site, "bundled/page.js"), logLevel: "error" },
    });
    for (const folder of ["parts", "onnxruntime"]) {
      cpSync(join(site, "embed", folder), join(site, "bundled", folder), { recursive: true });
    }
    cpSync(join(onnxPath, "volume.onnx"), join(site, "bundled/network.onnx"));
    cpSync(join(onnxPath, "volume.nii.gz"), join(site, "bundled/scan.nii.gz"));
    writeFileSync(
      join(site, "bundled/index.html"),
      '<!doctype html><html lang="en"><title>-</title><link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
    );
    const { page, errors } = await open("bundled/");
    await page.waitForFunction(() => document.title.startsWith("class"));
    expect(await page.title()).toMatch(/^class [01], 504 voxels$/);
    const failure = await page.evaluate(async () => {
      const view = document.querySelector("voxplain-map");
      const failed = new Promise<string>((resolve) =>
        view?.addEventListener("voxplain-error", ({ detail }) => resolve(detail.message), { once: true }),
      );
      view?.setAttribute("method", "grad-kam");
      return failed;
    });
    expect(failure).toMatch(/attribute "method" cannot be used: expected one of .*, found "grad-kam"/);
    expect(await page.locator("voxplain-map [role=alert]").textContent()).toBe(failure);
    expect(errors).toEqual([]);
    await page.close();
  });

  it("weighs less than 650 kB, gzipped, without ONNX Runtime", () => {
    const folder = join(site, "embed");
    const names = readdirSync(join(folder, "parts")).map((name) => `parts/${name}`);
    // Decoders of formats that NiiVue alone reads are not loaded.
    const loaded = ["voxplain-map.js", ...names.filter((name) => !/blosc|zstd|lz4|jpeg/.test(name))];
    const bytes = loaded.map((name) => gzipSync(readFileSync(join(folder, name))).length);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(650_000);
  });

  it("is five lines of HTML in the README", () => {
    const readme = readFileSync(join(explorer, "README.md"), "utf8");
    const [, lines = ""] = /```html\n(<script[\s\S]*?)```/.exec(readme) ?? [];
    expect(lines.trim().split("\n").length).toBeLessThanOrEqual(5);
    expect(lines).toContain("<voxplain-map");
  });

  it("has every attribute and event in the documentation", () => {
    const guide = readFileSync(join(explorer, "../docs/pages/guide/web-pages.md"), "utf8");
    const types = readFileSync(join(explorer, "src/embed/types.ts"), "utf8");
    const events = [...new Set(types.match(/voxplain-(?:progress|result|error|move)/g))];
    expect(events).toHaveLength(4);
    for (const name of [...jobAttributes, ...displayAttributes, ...events])
      expect(guide).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|$`, "m"));
  });
});
