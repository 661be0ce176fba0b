import { Worker } from "node:worker_threads";
import type { KernelHelp } from "@voxplain/kernels";
import { helperEnded } from "@voxplain/kernels/runner";

/**
 * Starts a thread that computes parts of the kernels. It is a child of this thread, which sees it end, for example for lack of memory: the thread
 * that computes waits for the parts and sees nothing.
 */
export function startHelper(help: KernelHelp): Worker {
  const helper = new Worker(new URL("./kernel-helper.js", import.meta.url), { workerData: help });
  helper.unref();
  helper.on("error", () => {});
  helper.once("exit", () => helperEnded(help.control));
  return helper;
}
