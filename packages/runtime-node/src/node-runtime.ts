import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type InferenceSession, type ModelRuntime, VoxplainError } from "@voxplain/core";
import { writeModelFiles } from "./model-files.ts";
import { loweringOf, manifestPath, type NodeProvider, nodeProviders } from "./providers.ts";
import { sessionPool } from "./session-pool.ts";
import { endWorker, openWorkerSession, type StartedWorker, startWorker } from "./worker-session.ts";

/** What computes, and how. */
export interface NodeRuntimeOptions {
  /** `nodeDevices()` tells which can be used here. */
  readonly executionProvider: NodeProvider;
  /** Threads of the CPU that compute; default: one per available core. Concurrent runs share them. */
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
  const start = () => startWorker({ executionProvider });
  let spare = options.startEarly ? start() : undefined;
  const open = async (started: readonly StartedWorker[], modelPath: string) => {
    const share = Math.max(1, Math.floor(threads / started.length));
    const opening = started.map((worker) =>
      openWorkerSession(worker, { modelPath, executionProvider, threads: share }),
    );
    const opened = await Promise.allSettled(opening);
    const failed = opened.find((one) => one.status === "rejected");
    const sessions = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const [first, ...others] = sessions;
    if (failed === undefined && first !== undefined) return sessionPool([first, ...others]);
    await Promise.all(sessions.map((session) => session.release()));
    throw failed?.reason;
  };
  return {
    executionProvider,
    lowering: loweringOf(executionProvider),
    version: `onnxruntime-node ${installedVersion()}`,
    async createSession(model, { concurrentRuns = 1 } = {}) {
      // One device computes one run at a time.
      const count = executionProvider === "cpu" ? Math.max(1, Math.min(concurrentRuns, threads)) : 1;
      const started = [spare ?? start(), ...Array.from({ length: count - 1 }, start)];
      spare = undefined;
      const { modelPath, remove } = await writeModelFiles(model).catch((error: unknown) => {
        started.forEach(endWorker);
        throw error;
      });
      // A mapped file stays readable after its name is gone, except on Windows.
      const removeEarly = process.platform !== "win32";
      let session: InferenceSession;
      try {
        session = await open(started, modelPath);
      } catch (error) {
        await remove();
        throw error;
      }
      if (removeEarly) {
        await remove();
        return session;
      }
      return { ...session, release: () => session.release().then(remove) };
    },
  };
}

function installedVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(manifestPath(), "utf8"));
  return manifest.version;
}
