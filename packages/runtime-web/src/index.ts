/**
 * ONNX Runtime for the browser as a Voxplain runtime. Each session computes in a Web Worker of its own,
 * so that the page stays responsive, a run can be cancelled, and memory is given back.
 *
 * ```ts
 * import { webRuntime } from "@voxplain/runtime-web";
 *
 * // A folder of the page's own server that holds the files of onnxruntime-web/dist.
 * const runtime = webRuntime({ executionProvider: "wasm", assets: "https://example.org/onnxruntime/" });
 * console.log(runtime.version); // onnxruntime-web 1.30.0
 * ```
 * @module @voxplain/runtime-web
 */
export type { RuntimeAssets } from "./assets.ts";
export { webDevices } from "./devices.ts";
export type { WebRuntime, WebRuntimeOptions } from "./web-runtime.ts";
export { webRuntime } from "./web-runtime.ts";
