import { Worker } from "node:worker_threads";
import { VoxplainError } from "@voxplain/core";
import type { RelabellingPart, RelabellingTask } from "../null-distribution.ts";
import type { RelabellingRunner, StartRunner } from "../runners.ts";

/** How threads are started. */
export interface ThreadOptions {
  /** The program of a thread, where this one is bundled. Default: the file beside this one. */
  readonly program?: URL;
}

/** What a thread is sent: which relabellings it computes. */
export interface ThreadRequest {
  readonly from: number;
  readonly to: number;
}

/** What it answers. */
export type ThreadReply = { readonly part: RelabellingPart } | { readonly error: string };

/**
 * Threads of Node that compute relabellings, for `CompareOptions.runners`. The rows are in shared memory, or each thread reads the
 * file that has them.
 */
export function threads(count: number, { program }: ThreadOptions = {}): readonly StartRunner[] {
  const url = program ?? new URL("./relabelling-thread.js", import.meta.url);
  return Array.from({ length: count }, () => (task: RelabellingTask) => startThread(url, task));
}

function startThread(program: URL, task: RelabellingTask): RelabellingRunner {
  const worker = new Worker(program, { workerData: task });
  let pending: { resolve(part: RelabellingPart): void; reject(error: Error): void } | undefined;
  let ended: Error | undefined;
  const fail = (error: Error) => {
    ended ??= error;
    pending?.reject(error);
    pending = undefined;
  };
  worker.on("message", (reply: ThreadReply) => {
    if ("error" in reply) return fail(new VoxplainError("computation-failed", reply.error));
    pending?.resolve(reply.part);
    pending = undefined;
  });
  worker.on("error", (error) =>
    fail(new VoxplainError("computation-failed", `a thread ended: ${messageOf(error)}`, { cause: error })),
  );
  worker.on("exit", () =>
    fail(new VoxplainError("computation-failed", "a thread ended before its work was done")),
  );
  return {
    run: (from, to) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        pending = { resolve, reject };
        worker.postMessage({ from, to } satisfies ThreadRequest);
      }),
    async end() {
      await worker.terminate();
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
