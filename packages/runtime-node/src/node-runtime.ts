import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type ModelRuntime, VoxplainError } from "@voxplain/core";
import { writeModelFiles } from "./model-files.ts";
import { loweringOf, manifestPath, type NodeProvider, nodeProviders } from "./providers.ts";
import { endWorker, openWorkerSession, startWorker } from "./worker-session.ts";

/** What computes, and how. */
export interface NodeRuntimeOptions {
  /** `nodeDevices()` tells which can be used here. */
  readonly executionProvider: NodeProvider;
  /** Threads of the CPU that compute one operator; default: one per available core. */
  readonly threads?: number;
  /** Loads ONNX Runtime at once, in the thread of the first session; for programs that surely will open one. */
  readonly startEarly?: boolean;
}

/**
 * ONNX Runtime's native library on this machine. A provider that cannot be used is never replaced by
 * another one: its sessions reject with `device-unavailable`, and what to do.
 * @throws VoxplainError `device-unavailable` for a provider that does not exist.
 */
export function nodeRuntime(options: NodeRuntimeOptions): ModelRuntime {
  const { executionProvider, threads = availableParallelism() } = options;
  if (!nodeProviders.includes(executionProvider)) {
    throw new VoxplainError(
      "device-unavailable",
      `the execution provider "${executionProvider}" is not available in Node; there are ${nodeProviders.join(", ")}`,
    );
  }
  const start = () => startWorker({ executionProvider, threads });
  let spare = options.startEarly ? start() : undefined;
  return {
    executionProvider,
    lowering: loweringOf(executionProvider),
    version: `onnxruntime-node ${installedVersion()}`,
    async createSession(model) {
      const started = spare ?? start();
      spare = undefined;
      const { modelPath, remove } = await writeModelFiles(model).catch((error: unknown) => {
        endWorker(started);
        throw error;
      });
      try {
        return await openWorkerSession(started, { modelPath, executionProvider, onLoaded: remove });
      } catch (error) {
        await remove();
        throw error;
      }
    },
  };
}

function installedVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(manifestPath(), "utf8"));
  return manifest.version;
}
