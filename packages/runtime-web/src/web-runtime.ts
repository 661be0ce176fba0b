import { type ModelRuntime, VoxplainError } from "@voxplain/core";
import { type RuntimeAssets, resolveAssets, type WebProvider } from "./assets.ts";
import { usableThreads } from "./threads.ts";
import type { WorkerLike } from "./worker-protocol.ts";
import { type LoadProgress, startWorkerSession } from "./worker-session.ts";

/** What computes, and where its files are. */
export interface WebRuntimeOptions {
  /** The processor or the graphics card; `webDevices()` lists those that can be used. */
  readonly executionProvider: WebProvider;
  /**
   * Where the page serves ONNX Runtime: the URL of a folder with the files of `onnxruntime-web/dist`, or
   * the URLs of the two files that are needed, as a bundler gives them. Nothing is loaded from elsewhere.
   */
  readonly assets: string | RuntimeAssets;
  /** Threads of WebAssembly; default: one per core, 8 at most. Without cross-origin isolation there is one. */
  readonly threads?: number;
  /** Whether kernels of our own compute the first blocks of a network by WebAssembly, where they suit; default: true. */
  readonly kernels?: boolean;
  /** Called with the progress of loading weights while a session opens. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Starts the worker where a bundler cannot find it: with `@voxplain/runtime-web/worker` as its script, a module. */
  readonly startWorker?: () => WorkerLike;
}

/** A runtime of a web page. */
export interface WebRuntime extends ModelRuntime {
  /** Those that compute. */
  readonly threads: number;
  /** What the user of the page should know: why there is one thread only. */
  readonly notes: readonly string[];
}

/** The onnxruntime-web whose files the page has to serve. */
const version = "1.30.0";

/**
 * ONNX Runtime in Web Workers, one per session. A run or an opening that is cancelled by its signal ends at once, and
 * with it the worker; the session opens again with the next run.
 * @throws VoxplainError `invalid-argument` where `assets` is no URL, `device-unavailable` for another
 * provider. Its sessions reject with `device-unavailable` where the provider or the files are missing.
 */
export function webRuntime(options: WebRuntimeOptions): WebRuntime {
  const { executionProvider, startWorker = startOwnWorker, onProgress, kernels = true } = options;
  if (executionProvider !== "wasm" && executionProvider !== "webgpu") {
    throw new VoxplainError("device-unavailable", "the execution provider does not exist in browsers", {
      expected: '"wasm" or "webgpu"',
      found: `"${executionProvider}"`,
    });
  }
  const { count, note } = usableThreads(executionProvider === "wasm" ? options.threads : 1);
  const settings = {
    executionProvider,
    assets: resolveAssets(options.assets, executionProvider),
    threads: count,
    version,
  };
  return {
    executionProvider,
    lowering: {
      poolingGradient: executionProvider === "webgpu" ? "windows" : "indices",
      convolution3d: "direct",
      kernels: kernels && executionProvider === "wasm",
    },
    version: `onnxruntime-web ${version}`,
    copiesWeights: true,
    threads: count,
    notes: note === undefined ? [] : [note],
    createSession: (model, { signal } = {}) =>
      startWorkerSession(startWorker, settings, model, { onProgress, signal }),
  };
}

// Bundlers look for exactly this expression.
function startOwnWorker(): WorkerLike {
  return new Worker(new URL("./inference-worker.js", import.meta.url), { type: "module" });
}
