import { runtimeContract } from "@voxplain/core/testing";
import { webRuntime } from "@voxplain/runtime-web";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PageFunctions } from "./browser/page.ts";
import { findChromium } from "./find-chromium.ts";
import { type OpenPage, openPage } from "./open-page.ts";

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
      it.each(names)("%s", async (name) => {
        const complaint = await opened.page.evaluate(
          ([executionProvider, title]) => voxplain.contract(executionProvider, title),
          [provider, name] as const,
        );
        expect(complaint).toBeUndefined();
      });
    },
  );

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
});
