import { runtimeContract } from "@voxplain/core/testing";
import { type WebRuntimeOptions, webDevices, webRuntime } from "@voxplain/runtime-web";
import asyncifyWasm from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import plainWasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import plainScript from "onnxruntime-web/wasm?url";
import webgpuScript from "onnxruntime-web/webgpu?url";

type Provider = WebRuntimeOptions["executionProvider"];

const assets = {
  wasm: { script: plainScript, wasm: plainWasm },
  webgpu: { script: webgpuScript, wasm: asyncifyWasm },
};

const makeRuntime = (executionProvider: Provider, threads = 2) =>
  webRuntime({ executionProvider, assets: assets[executionProvider], threads });

/** What the tests ask of the page, by `page.evaluate`. */
const voxplain = {
  devices: webDevices,
  notes: () => makeRuntime("wasm").notes,
  /** Runs one case of the contract; its complaint, or undefined. */
  async contract(executionProvider: Provider, name: string): Promise<string | undefined> {
    const found = runtimeContract(() => makeRuntime(executionProvider)).find((one) => one.name === name);
    if (found === undefined) return `there is no case "${name}"`;
    return found.run().then(
      () => undefined,
      (error: unknown) => String(error),
    );
  },
};

export type PageFunctions = typeof voxplain;

Object.assign(globalThis, { voxplain });
