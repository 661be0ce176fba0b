import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import {
  elementCount,
  type InferenceSession,
  type ModelArtifact,
  type ModelRuntime,
  type Tensor,
  unlessAborted,
  VoxplainError,
} from "@voxplain/core";
import { type LeadingProgram, leadingProgram } from "@voxplain/kernels";
import { modelFiles } from "./model-files.ts";
import { loweringOf, manifestPath, type NodeProvider, nodeProviders } from "./providers.ts";
import { sessionPool } from "./session-pool.ts";
import type { ModelSource } from "./worker-protocol.ts";
import { endWorker, openWorkerSession, type StartedWorker, startWorker } from "./worker-session.ts";

/** What computes, and how. */
export interface NodeRuntimeOptions {
  /** `nodeDevices()` lists those that can be used here. */
  readonly executionProvider: NodeProvider;
  /** Threads of the CPU that compute; default: one per available core. Concurrent runs share them. */
  readonly threads?: number;
  /** Loads ONNX Runtime at once, in the thread of the first session; for programs that surely will open one. */
  readonly startEarly?: boolean;
  /** Whether kernels of our own compute the first blocks of a network on the CPU, where they suit; default: true. */
  readonly kernels?: boolean;
}

/**
 * ONNX Runtime's native library on this machine. A provider that cannot be used is never replaced by
 * another one: its sessions reject with `device-unavailable`, and what to do. Native code cannot be stopped: after an
 * abort a run or an opening rejects at once, but what has begun is computed to its end in its thread, and
 * `release` waits for that. Weights that stay in the file of a network are checked meanwhile: runs reject where they are broken.
 * @throws VoxplainError `device-unavailable` for a provider that does not exist.
 */
export function nodeRuntime(options: NodeRuntimeOptions): ModelRuntime {
  const { executionProvider, threads = availableParallelism(), kernels = true } = options;
  if (!nodeProviders.includes(executionProvider)) {
    throw new VoxplainError("device-unavailable", "the execution provider does not exist in Node", {
      expected: `one of ${nodeProviders.join(", ")}`,
      found: `"${executionProvider}"`,
    });
  }
  const start = () => startWorker({ executionProvider });
  let spare = options.startEarly ? start() : undefined;
  const open = async (
    started: readonly StartedWorker[],
    source: ModelSource,
    leading: LeadingProgram | undefined,
  ) => {
    const share = Math.max(1, Math.floor(threads / started.length));
    const opening = started.map((worker) =>
      openWorkerSession(worker, { source, executionProvider, threads: share, leading }),
    );
    const opened = await Promise.allSettled(opening);
    const failed = opened.find((one) => one.status === "rejected");
    const sessions = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const [first, ...others] = sessions;
    if (failed === undefined && first !== undefined) return sessionPool([first, ...others]);
    await Promise.all(sessions.map((session) => session.release()));
    throw failed?.reason;
  };
  const openModel = async (
    model: ModelArtifact,
    concurrentRuns: number,
    signal: AbortSignal | undefined,
  ): Promise<InferenceSession> => {
    // One device computes one run at a time.
    const count = executionProvider === "cpu" ? Math.max(1, Math.min(concurrentRuns, threads)) : 1;
    const started = [spare ?? start(), ...Array.from({ length: count - 1 }, start)];
    spare = undefined;
    const { source, remove } = await modelFiles(model, signal).catch((error: unknown) => {
      started.forEach(endWorker);
      throw error;
    });
    // A mapped file stays readable after its name is gone, except on Windows.
    const removeEarly = process.platform !== "win32";
    // Nobody has read weights that stay where they are: that is done while ONNX Runtime maps them, and computes a first time.
    const checking = model.stored?.check(signal);
    checking?.catch(() => {});
    let opened: InferenceSession;
    try {
      opened = await open(started, source, leadingOf(model));
    } catch (error) {
      await remove();
      // A damaged file says more of itself than ONNX Runtime does.
      await checking;
      throw error;
    }
    const session = checking === undefined ? opened : onceChecked(opened, checking);
    if (removeEarly) {
      await remove();
      return session;
    }
    return { ...session, release: () => session.release().then(remove) };
  };
  return {
    executionProvider,
    lowering: loweringOf(executionProvider, kernels),
    version: `onnxruntime-node ${installedVersion()}`,
    async createSession(model, { concurrentRuns = 1, signal } = {}) {
      signal?.throwIfAborted();
      const opening = openModel(model, concurrentRuns, signal);
      try {
        return await unlessAborted(opening, signal);
      } catch (error) {
        // Native code cannot be stopped while it loads a model: the session is released when it is open.
        opening.then(
          (session) => session.release(),
          () => {},
        );
        throw error;
      }
    },
  };
}

/** A session that keeps what it computes to itself until its weights are found to be sound. */
function onceChecked(session: InferenceSession, checking: Promise<void>): InferenceSession {
  const whenChecked = async <T>(running: Promise<T>, tensorsOf: (result: T) => readonly Tensor[]) => {
    running.catch(() => {});
    try {
      await checking;
    } catch (error) {
      running.then(
        (result) => tensorsOf(result).forEach((found) => void session.giveBack?.(found)),
        () => {},
      );
      throw error;
    }
    return running;
  };
  return {
    ...session,
    run: (feeds, options) => whenChecked(session.run(feeds, options), Object.values),
    ...(session.beginRay && {
      async beginRay(image, options) {
        const ray = await session.beginRay?.(image, options);
        return (
          ray && {
            ...ray,
            add: (point, feeds, rest) => whenChecked(ray.add(point, feeds, rest), Object.values),
            sum: (rest) => whenChecked(ray.sum(rest), (sum) => [sum]),
          }
        );
      },
    }),
  };
}

/** Below this many bytes a copy costs nothing. */
const worthLending = 2 ** 20;

/**
 * Where images are large there are two places for them and for maps, which the next image and the last map share with the one that is
 * computed, and a third one for images that come while both are in use.
 */
function leadingOf({ leading }: ModelArtifact): LeadingProgram | undefined {
  if (leading === undefined) return undefined;
  const bytes = 4 * (leading.blocks[0]?.inputChannels ?? 1) * elementCount(leading.inputDims);
  const isLent = bytes >= worthLending;
  const hasGradient = leading.gradients !== undefined;
  const ray = hasGradient && leading.rule === undefined;
  return leadingProgram(leading, isLent ? { images: 3, maps: hasGradient ? 2 : 1, ray } : {});
}

function installedVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(manifestPath(), "utf8"));
  return manifest.version;
}
