import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { directory } from "@voxplain/core/node";
import { runtimeContract } from "@voxplain/core/testing";
import { nodeRuntime } from "@voxplain/runtime-node";
import { webRuntime } from "@voxplain/runtime-web";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { casesOf } from "../../../tests/long-tests.ts";
import type { PageFunctions } from "./browser/page.ts";
import { findChromium } from "./find-chromium.ts";
import { type OpenPage, openPage } from "./open-page.ts";
import { sampleGradient } from "./sample-gradient.ts";
import { decodeTensors } from "./text-tensors.ts";

const executablePath = findChromium();

declare const voxplain: PageFunctions;

describe.skipIf(executablePath === undefined)("in Chromium", () => {
  let opened: OpenPage;
  beforeAll(async () => {
    opened = await openPage(executablePath ?? "", { isolated: true });
  });
  afterAll(() => opened?.close());

  describe.each(["wasm", "webgpu"] as const)(
    "onnxruntime-web on %s keeps the contract of a runtime: it",
    (provider) => {
      const names = runtimeContract(() =>
        webRuntime({ executionProvider: provider, assets: "http://localhost/" }),
      ).map(({ name }) => name);
      // All of it also runs in Node, on the same WebAssembly: web-runtime.test.ts.
      const inBrowsers = /external data|computes every output|cancelled run with the reason/;
      it.each(casesOf(names, (name) => inBrowsers.test(name)))("%s", async (name) => {
        const complaint = await opened.page.evaluate(
          ([executionProvider, title]) => voxplain.contract(executionProvider, title),
          [provider, name] as const,
        );
        expect(complaint).toBeUndefined();
      });
    },
  );

  const model = fileURLToPath(new URL("../../../sample/models/random_small", import.meta.url));
  const paths = readdirSync(model, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(model.length + 1));
  // How Vite serves files beside its root.
  const served = [`/@fs${model}`, paths] as const;

  it("the sample's small model has the gradient that it has in Node, to 1e-5", async () => {
    const texts = await opened.page.evaluate(([base, files]) => voxplain.sample("wasm", base, files), served);
    const found = decodeTensors(texts);
    const expected = await sampleGradient(directory(model), nodeRuntime({ executionProvider: "cpu" }));
    for (const name of ["gradient", "logits"] as const) {
      const values = Array.from(found[name]!.data, Number);
      const reference = expected[name].data;
      const difference = Math.sqrt(values.reduce((sum, value, k) => sum + (value - reference[k]!) ** 2, 0));
      const norm = Math.sqrt(reference.reduce((sum, value) => sum + value ** 2, 0));
      expect(difference / norm).toBeLessThan(1e-5);
    }
  });

  it("a run is cancelled by the page while it computes: the page does not stand still, and need not wait", async () => {
    const complaint = await opened.page.evaluate(([base, files]) => voxplain.cancel(base, files), served);
    expect(complaint).toBe("no longer wanted");
  });

  it("an isolated page has threads, and nothing to note", async () => {
    expect(await opened.page.evaluate(() => voxplain.notes())).toEqual([]);
  });

  it("lists what it can compute with", async () => {
    const devices = await opened.page.evaluate(() => voxplain.devices());
    expect(devices.map(({ executionProvider, usable }) => [executionProvider, usable])).toEqual([
      ["wasm", true],
      ["webgpu", true],
    ]);
  });

  it("writes no error to the console", () => expect(opened.errors).toEqual([]));
});

describe.skipIf(executablePath === undefined)("in a page that is not isolated", () => {
  it("there is one thread, a warning says how to get more, and the results are the same", async () => {
    const { page, close } = await openPage(executablePath ?? "", { isolated: false });
    try {
      expect(await page.evaluate(() => voxplain.notes())).toEqual([
        expect.stringContaining("Cross-Origin-Opener-Policy: same-origin"),
      ]);
      const name = "reads weights from external data";
      expect(await page.evaluate((title) => voxplain.contract("wasm", title), name)).toBeUndefined();
    } finally {
      await close();
    }
  });
});
