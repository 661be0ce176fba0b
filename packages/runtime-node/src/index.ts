/**
 * ONNX Runtime for Node as a Voxplain runtime. Each session computes in a worker thread of its own,
 * so the caller's thread stays free to read the next image.
 *
 * ```ts
 * import { nodeRuntime } from "@voxplain/runtime-node";
 *
 * const runtime = nodeRuntime({ executionProvider: "cpu" });
 * console.log(runtime.version); // onnxruntime-node 1.30.0
 * ```
 * @module @voxplain/runtime-node
 */
export { nodeDevices } from "./devices.ts";
export type { NodeRuntimeOptions } from "./node-runtime.ts";
export { nodeRuntime } from "./node-runtime.ts";
export type { NodeProvider } from "./providers.ts";
