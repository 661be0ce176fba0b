import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { ConvolutionBlock, ModelArtifact } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { runtimeContract } from "@voxplain/core/testing";
import { webDevices, webRuntime } from "@voxplain/runtime-web";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sampleGradient } from "./sample-gradient.ts";
import { assetsInNode, startWorker, wasmInNode } from "./wasm-in-node.ts";

describe("onnxruntime-web on WebAssembly in Node keeps the contract of a runtime: it", () => {
  for (const { name, run } of runtimeContract(() => wasmInNode())) it(name, run);
});

const empty: ModelArtifact = { proto: new Uint8Array(), externalData: [] };

/** A convolution of 3×3×3, from one channel to one. */
const block: ConvolutionBlock = {
  inputChannels: 1,
  outputChannels: 1,
  weights: new Float32Array(27).fill(1),
  bias: new Float32Array(1),
  kernel: [3, 3, 3],
  strides: [1, 1, 1],
  padsBefore: [1, 1, 1],
  padsAfter: [1, 1, 1],
  slopes: undefined,
  pooling: undefined,
};

describe("webRuntime", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("says which library computes: the one that it depends on", () => {
    const manifest: { version: string } = JSON.parse(
      readFileSync(
        createRequire(import.meta.url)
          .resolve("onnxruntime-web")
          .replace(/dist.*$/, "package.json"),
        "utf8",
      ),
    );
    expect(wasmInNode().version).toBe(`onnxruntime-web ${manifest.version}`);
  });

  it("refuses a provider that browsers do not have", () => {
    const asked = { executionProvider: "cuda", assets: "https://example.org" };
    expect(() => webRuntime(asked as unknown as Parameters<typeof webRuntime>[0])).toThrow(
      'expected "wasm" or "webgpu", found "cuda"',
    );
  });

  it("refuses a place that is not a URL", () => {
    expect(() => webRuntime({ executionProvider: "wasm", assets: "http://[" })).toThrow("is not the URL");
  });

  it("computes with one thread and says why, where the page is not isolated", () => {
    vi.stubGlobal("crossOriginIsolated", false);
    const { threads, notes } = wasmInNode();
    expect(threads).toBe(1);
    expect(notes).toEqual([expect.stringContaining("Cross-Origin-Embedder-Policy: require-corp")]);
    expect(wasmInNode({ threads: 1 }).notes).toEqual([]);
  });

  it("says where ONNX Runtime was looked for and what to serve there, in fields that pass between threads", async () => {
    const runtime = wasmInNode({ assets: "file:///nowhere/" });
    await expect(runtime.createSession(empty)).rejects.toMatchObject({
      code: "device-unavailable",
      file: "file:///nowhere/ort.wasm.bundle.min.mjs",
      hint: "serve the files of onnxruntime-web/dist with the page",
      message: expect.stringMatching(
        /^file:\/\/\/nowhere\/ort\.wasm\.bundle\.min\.mjs: ONNX Runtime cannot be loaded .*onnxruntime-web\/dist/,
      ),
    });
  });

  it("says that the WebAssembly is missing, and does not blame the model", async () => {
    const { script } = assetsInNode;
    const runtime = wasmInNode({ assets: { script, wasm: "file:///nowhere/ort.wasm" } });
    await expect(runtime.createSession(empty)).rejects.toMatchObject({
      code: "device-unavailable",
      message: expect.stringContaining("/nowhere/ort.wasm"),
    });
  });

  it("refuses to open a session whose kernels cannot be started, and does not blame the model", async () => {
    const tooLarge: ModelArtifact = {
      ...empty,
      leading: { blocks: [block], inputDims: [3000, 3000, 3000], input: "image", cut: "cut" },
    };
    await expect(wasmInNode().createSession(tooLarge)).rejects.toMatchObject({
      code: "device-unavailable",
      message: expect.stringMatching(
        /the kernels of the first layers cannot be started: .*; .*kernels: false/,
      ),
    });
  });

  it("writes an image to the memory of the kernels, and sends no copy of it", async () => {
    const sent: number[] = [];
    const runtime = wasmInNode({
      startWorker() {
        const worker = startWorker();
        const { postMessage } = worker;
        worker.postMessage = (message, transfer) => {
          if (message.kind === "run")
            sent.push(...Object.values(message.feeds).map(({ data }) => data.byteLength));
          postMessage(message, transfer);
        };
        return worker;
      },
    });
    const sample = directory(fileURLToPath(new URL("../../../sample/models/random_small", import.meta.url)));
    const { gradient } = await sampleGradient(sample, runtime);
    // The cotangent: a number for each class.
    expect(sent).toEqual([8]);
    const alone = await sampleGradient(sample, wasmInNode({ threads: 1 }));
    const largest = alone.gradient.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const differences = gradient.data.map((value, k) => Math.abs(value - alone.gradient.data[k]!));
    expect(differences.reduce((a, b) => Math.max(a, b), 0) / largest).toBeLessThan(1e-6);
  });

  it("reports how much of the weights is loaded, and refuses weights of another length", async () => {
    const progress: number[] = [];
    const runtime = wasmInNode({
      onProgress: ({ loadedBytes, totalBytes }) => progress.push(loadedBytes / totalBytes),
    });
    const short: ModelArtifact = {
      ...empty,
      externalData: [
        {
          location: "weights.bin",
          byteLength: 8,
          async *chunks() {
            yield new Uint8Array(2);
            yield new Uint8Array(4);
          },
        },
      ],
    };
    await expect(runtime.createSession(short)).rejects.toThrow(
      "weights.bin: the file of weights has a wrong length: expected 8 bytes, found 6",
    );
    expect(progress).toEqual([0.25, 0.75]);
  });

  it("refuses WebGPU where there is none", async () => {
    await expect(wasmInNode({ executionProvider: "webgpu" }).createSession(empty)).rejects.toMatchObject({
      code: "device-unavailable",
    });
  });
});

describe("webDevices", () => {
  it("lists both, and what is missing", async () => {
    const [wasm, webgpu] = await webDevices();
    expect(wasm).toMatchObject({ executionProvider: "wasm", usable: true });
    expect(webgpu).toMatchObject({
      executionProvider: "webgpu",
      usable: false,
      detail: expect.stringContaining("no WebGPU"),
    });
  });
});
