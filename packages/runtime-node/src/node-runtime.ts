import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { type ModelRuntime, VoxplainError } from "@voxplain/core";
import { writeModelFiles } from "./model-files.ts";
import { startWorkerSession } from "./worker-session.ts";

export interface NodeRuntimeOptions {
  /** Only "cpu" in this version. */
  readonly executionProvider: "cpu";
  /** Threads that compute one operator; default: one per available core. */
  readonly threads?: number;
}

/**
 * ONNX Runtime's native library on this machine.
 * @throws VoxplainError `device-unavailable` for a provider this version cannot use.
 */
export function nodeRuntime(options: NodeRuntimeOptions): ModelRuntime {
  const { executionProvider, threads = availableParallelism() } = options;
  if (executionProvider !== "cpu") {
    throw new VoxplainError(
      "device-unavailable",
      `the execution provider "${executionProvider}" is not available here; use "cpu"`,
    );
  }
  return {
    executionProvider,
    // The blocked kernels of 2D convolutions exist for x64 only.
    lowering: {
      poolingGradient: "indices",
      convolution3d: process.arch === "x64" ? "blocked" : "direct",
    },
    version: `onnxruntime-node ${installedVersion()}`,
    async createSession(model) {
      const files = await writeModelFiles(model);
      try {
        return await startWorkerSession(
          { modelPath: files.modelPath, executionProvider, threads },
          files.remove,
        );
      } catch (error) {
        await files.remove();
        throw error;
      }
    },
  };
}

function installedVersion(): string {
  const require = createRequire(import.meta.url);
  const manifest: { version: string } = JSON.parse(
    readFileSync(require.resolve("onnxruntime-node/package.json"), "utf8"),
  );
  return manifest.version;
}
