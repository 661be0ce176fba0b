import { Worker } from "node:worker_threads";
import { afterEach } from "vitest";
import type { BlockKernels, KernelHelp } from "../src/index.ts";

/** Starts threads that help kernels. After each test, the kernels in `open` are released and the threads in `workers` are ended. */
export function helperThreads() {
  const workers: Worker[] = [];
  const open: BlockKernels[] = [];
  afterEach(async () => {
    for (const kernels of open.splice(0)) kernels.release();
    await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
  });
  const startHelper = (help: KernelHelp) => {
    workers.push(new Worker(new URL("./helper.js", import.meta.url), { workerData: help }));
  };
  return { open, workers, startHelper };
}
