import { Worker } from "node:worker_threads";
import { type InferenceSession, type NamedTensors, VoxplainError } from "@voxplain/core";
import { type NodeProvider, whyUnavailable } from "./providers.ts";
import type { WorkerReply, WorkerRequest, WorkerSettings } from "./worker-protocol.ts";

interface Pending {
  resolve(results: NamedTensors): void;
  reject(error: Error): void;
}

/**
 * Starts a thread that loads the model and computes on request.
 * `onLoaded` is called once the model's files are no longer needed.
 */
export async function startWorkerSession(
  settings: WorkerSettings,
  onLoaded: () => Promise<void>,
): Promise<InferenceSession> {
  // Since 1.29 ONNX Runtime reports its use to its maker unless this is set before it is loaded. The native
  // library reads the environment of the process, which only this thread can set.
  process.env.ORT_DISABLE_TELEMETRY = "1";
  const worker = new Worker(new URL("./inference-worker.js", import.meta.url), { workerData: settings });
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const { inputNames, outputNames } = await ready(worker, settings.executionProvider);

  // A mapped file stays readable after its name is gone, except on Windows.
  const removeEarly = process.platform !== "win32";
  if (removeEarly) await onLoaded();

  const pending = new Map<number, Pending>();
  let count = 0;
  let ended: Error | undefined;
  let releasing = false;
  const failAll = (error: Error) => {
    ended ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.on("message", (reply: WorkerReply) => {
    if (reply.kind === "ready" || reply.id === undefined) return;
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    if (pending.size === 0 && !releasing) worker.unref();
    if (reply.kind === "result") waiting?.resolve(reply.results);
    else waiting?.reject(computationError(reply.message));
  });
  worker.on("error", (error) => failAll(computationError(error.message)));
  worker.on("exit", () => failAll(computationError("the session has ended")));
  // An idle session does not keep the process alive.
  worker.unref();

  return {
    inputNames,
    outputNames,
    run(feeds, { fetches, transfer = false, signal } = {}) {
      return new Promise<NamedTensors>((resolve, reject) => {
        if (ended) return reject(ended);
        if (signal?.aborted) return reject(signal.reason);
        const id = count++;
        // Nothing stops native code: what it computes is thrown away.
        const cancel = () => reject(signal?.reason);
        signal?.addEventListener("abort", cancel);
        const settle = (finish: () => void) => {
          signal?.removeEventListener("abort", cancel);
          finish();
        };
        const request: WorkerRequest = { kind: "run", id, feeds, ...(fetches && { fetches }) };
        const buffers = transfer
          ? new Set(Object.values(feeds).map(({ data }) => data.buffer as ArrayBuffer))
          : [];
        pending.set(id, {
          resolve: (results) => settle(() => resolve(results)),
          reject: (error) => settle(() => reject(error)),
        });
        worker.ref();
        worker.postMessage(request, [...buffers]);
      });
    },
    async release() {
      if (ended === undefined && !releasing) {
        releasing = true;
        worker.ref();
        worker.postMessage({ kind: "release" } satisfies WorkerRequest);
      }
      await exited;
      if (!removeEarly) await onLoaded();
    },
  };
}

function ready(
  worker: Worker,
  provider: NodeProvider,
): Promise<{ inputNames: readonly string[]; outputNames: readonly string[] }> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
    };
    const onMessage = (reply: WorkerReply) => {
      finish();
      if (reply.kind === "ready") resolve(reply);
      else if (reply.kind === "failure") reject(loadingError(provider, reply.message));
    };
    const onError = (error: Error) => {
      finish();
      reject(
        new VoxplainError("device-unavailable", `ONNX Runtime cannot start: ${error.message}`, {
          cause: error,
        }),
      );
    };
    const onExit = () => onError(new Error("its thread ended"));
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.on("exit", onExit);
  });
}

function loadingError(provider: NodeProvider, message: string): VoxplainError {
  const reason = provider === "cpu" ? undefined : whyUnavailable(provider, message);
  return reason === undefined
    ? new VoxplainError("invalid-file", `ONNX Runtime cannot load the model: ${message}`)
    : new VoxplainError("device-unavailable", `${provider} cannot be used here: ${reason}`);
}

function computationError(message: string): VoxplainError {
  return new VoxplainError("computation-failed", `ONNX Runtime could not compute: ${message}`);
}
