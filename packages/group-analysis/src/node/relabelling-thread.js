// JavaScript, so that Node can start it as a thread. It computes relabellings of one task, some at a time.
import { openSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { startRelabellings } from "../index.js";
import { readFloats } from "./read-floats.js";

/** @typedef {import("../index.ts").RelabellingTask} RelabellingTask */
/** @typedef {import("../index.ts").ReadStore} ReadStore */
/** @typedef {import("./threads.ts").ThreadReply} ThreadReply */
/** @typedef {import("./threads.ts").ThreadRequest} ThreadRequest */

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const task = /** @type {RelabellingTask} */ (workerData);

/** @param {ThreadReply} reply @param {ArrayBuffer[]} [transfer] */
const send = (reply, transfer = []) => port.postMessage(reply, transfer);

/** @type {number | undefined} */
let file;
/** @type {ReadStore} */
const read = (store, offset, into) => {
  file ??= openSync(store, "r");
  readFloats(file, offset, into);
};

/** @type {ReturnType<typeof startRelabellings> | undefined} */
let compute;
port.on("message", (/** @type {ThreadRequest} */ { from, to }) => {
  try {
    compute ??= startRelabellings(task, read);
    const part = compute(from, to);
    send({ part }, [/** @type {ArrayBuffer} */ (part.exceeding.buffer)]);
  } catch (error) {
    send({ error: error instanceof Error ? error.message : String(error) });
  }
});
