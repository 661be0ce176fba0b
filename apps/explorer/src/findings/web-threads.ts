import { VoxplainError } from "@voxplain/core";
import type { RelabellingPart, RelabellingTask, StartRunner } from "@voxplain/group-analysis";

/** What a thread is sent: first the task, then which relabellings it computes. */
export type ThreadRequest =
  | { readonly task: RelabellingTask }
  | { readonly from: number; readonly to: number };

/** What it answers to the second. */
export type ThreadReply = { readonly part: RelabellingPart } | { readonly error: string };

/** Web Workers that compute relabellings. On an isolated page the rows are in memory that all share; elsewhere each gets a copy. */
export function webThreads(count: number): readonly StartRunner[] {
  return Array.from({ length: count }, () => startThread);
}

/** What one thread takes for each voxel: the statistics of four relabellings, and the component tree of TFCE. */
const bytesPerVoxel = 88;

/** What all of them may take: a page that grows to gigabytes is ended by the browser. */
const mostBytes = 3 * 2 ** 27;

/** So many of the threads that there could be as the memory of a page has room for. */
export function threadsFor(voxels: number, available: number): number {
  return Math.max(1, Math.min(available, Math.floor(mostBytes / (bytesPerVoxel * voxels))));
}

const startThread: StartRunner = (task) => {
  const worker = new Worker(new URL("./relabelling-worker.ts", import.meta.url), { type: "module" });
  const send = (request: ThreadRequest) => worker.postMessage(request);
  send({ task });
  return {
    run: (from, to) =>
      new Promise((resolve, reject) => {
        const fail = (problem: string) => reject(new VoxplainError("computation-failed", problem));
        worker.onmessage = ({ data }: MessageEvent<ThreadReply>) =>
          "error" in data ? fail(data.error) : resolve(data.part);
        worker.onerror = ({ message }) => fail(`a worker broke down: ${message || "it cannot be loaded"}`);
        send({ from, to });
      }),
    end: () => worker.terminate(),
  };
};
