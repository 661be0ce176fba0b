import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { type WebRuntime, type WebRuntimeOptions, webRuntime } from "@voxplain/runtime-web";

const dist = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
const urlOf = (file: string) => pathToFileURL(`${dist}/${file}`).href;

export const assetsInNode = { script: urlOf("ort.node.min.mjs"), wasm: urlOf("ort-wasm-simd-threaded.wasm") };

/** V8 compiles the same bytes once while somebody holds the module. Each worker would take a second or more for it. */
const compiled = new WebAssembly.Module(readFileSync(new URL(assetsInNode.wasm)));

/** onnxruntime-web on Node: the WebAssembly of the browser without a browser. */
export function wasmInNode(options: Partial<WebRuntimeOptions> = {}): WebRuntime {
  return webRuntime({
    executionProvider: "wasm",
    assets: assetsInNode,
    threads: 2,
    startWorker,
    ...options,
  });
}

type WorkerLike = ReturnType<NonNullable<WebRuntimeOptions["startWorker"]>>;

export function startWorker(): WorkerLike {
  const worker = new Worker(new URL("./node-worker.js", import.meta.url), { workerData: compiled });
  const like: WorkerLike = {
    postMessage: (message, transfer) => worker.postMessage(message, transfer as ArrayBuffer[]),
    terminate: () => void worker.terminate(),
    onmessage: null,
    onerror: null,
  };
  worker.on("message", (data) => like.onmessage?.({ data } as MessageEvent));
  worker.on("error", (error) => like.onerror?.({ message: error.message } as ErrorEvent));
  return like;
}
