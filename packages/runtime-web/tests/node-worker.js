// The worker of the browser as a thread of Node: the same script, with the names that a browser gives it.
import { parentPort, Worker } from "node:worker_threads";

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
Object.assign(globalThis, {
  self: globalThis,
  location: new URL(import.meta.url),
  /** As a browser has it: the script is an address. */
  Worker: class extends Worker {
    /** @param {string} address */
    constructor(address) {
      super(new URL(address));
    }
  },
  /** @param {unknown} message @param {{ transfer: import("node:worker_threads").Transferable[] }} options */
  postMessage: (message, { transfer }) => port.postMessage(message, transfer),
});
await import("../src/inference-worker.js");
const scope = /** @type {Window & typeof globalThis} */ (globalThis);
port.on("message", (data) => scope.onmessage?.(/** @type {MessageEvent} */ ({ data })));
