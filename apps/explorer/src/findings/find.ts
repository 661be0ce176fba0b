import { onAbort, VoxplainError } from "@voxplain/core";
import type { Progress } from "@voxplain/group-analysis";
import type { FindingsReply, FindingsRequest, Found, SentError } from "./protocol.ts";

/** How a finding is waited for. */
export interface FindOptions {
  /** Ends the worker at once. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Progress) => void;
}

/** Finds something in a worker of its own, which ends with it. @throws VoxplainError as the command. */
export function find(request: FindingsRequest, { signal, onProgress }: FindOptions = {}): Promise<Found> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL("./findings-worker.ts", import.meta.url), { type: "module" });
  const found = new Promise<Found>((resolve, reject) => {
    const finish = signal ? onAbort(signal, () => reject(signal.reason)) : () => {};
    worker.onmessage = ({ data }: MessageEvent<FindingsReply>) => {
      if (data.kind === "progress") return onProgress?.(data.progress);
      finish();
      if (data.kind === "found") resolve(data.found);
      else reject(errorFrom(data.error));
    };
    worker.onerror = ({ message }) => {
      finish();
      reject(
        new VoxplainError(
          "computation-failed",
          `the worker that analyses maps broke down: ${message || "its script cannot be loaded"}`,
        ),
      );
    };
    worker.postMessage(request);
  });
  return found.finally(() => worker.terminate());
}

function errorFrom({ code, problem, ...fields }: SentError): Error {
  return code === undefined ? new Error(problem) : new VoxplainError(code, problem, fields);
}
