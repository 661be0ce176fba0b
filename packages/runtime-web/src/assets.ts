import { VoxplainError } from "@voxplain/core";

/** What a browser computes with: WebAssembly on the processor, or WebGPU. */
export type WebProvider = "wasm" | "webgpu";

/** Where a page serves ONNX Runtime: its JavaScript (of one file, without imports) and its WebAssembly. */
export interface RuntimeAssets {
  /** URL of ONNX Runtime's module. */
  readonly script: string;
  /** URL of its WebAssembly. */
  readonly wasm: string;
}

const files: Readonly<Record<WebProvider, RuntimeAssets>> = {
  wasm: { script: "ort.wasm.bundle.min.mjs", wasm: "ort-wasm-simd-threaded.wasm" },
  webgpu: { script: "ort.webgpu.bundle.min.mjs", wasm: "ort-wasm-simd-threaded.asyncify.wasm" },
};

/**
 * Both as absolute URLs: a worker resolves relative ones against its own place. A folder is taken to
 * hold the files under their names in `onnxruntime-web/dist`.
 * @throws VoxplainError `invalid-argument` for what is no URL.
 */
export function resolveAssets(assets: string | RuntimeAssets, provider: WebProvider): RuntimeAssets {
  const base: string | undefined = globalThis.document?.baseURI ?? globalThis.location?.href;
  const absolute = (url: string, from = base) => {
    try {
      return new URL(url, from).href;
    } catch (cause) {
      throw new VoxplainError("invalid-argument", `"${url}" is not the URL of a file or folder`, { cause });
    }
  };
  if (typeof assets !== "string") return { script: absolute(assets.script), wasm: absolute(assets.wasm) };
  const folder = absolute(assets.endsWith("/") ? assets : `${assets}/`);
  const { script, wasm } = files[provider];
  return { script: absolute(script, folder), wasm: absolute(wasm, folder) };
}
