// JavaScript, so that Node can start it as a thread from the sources as well as from the build.
// ONNX Runtime's run() blocks its thread in Node; in a worker it does not block the caller.
import { parentPort, workerData } from "node:worker_threads";
import * as ort from "onnxruntime-node";
import { plainSession } from "./plain-session.js";
import { sessionOptions } from "./session-options.js";

/** @typedef {import("./leading-session.js").Session} Session */

/** @typedef {import("./worker-protocol.ts").WorkerRequest} WorkerRequest */
/** @typedef {import("./worker-protocol.ts").WorkerReply} WorkerReply */
/** @typedef {import("@voxplain/core").Tensor} Tensor */

const { executionProvider } = /** @type {import("./worker-protocol.ts").WorkerSettings} */ (workerData);
const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);

/** @param {WorkerReply} reply @param {ArrayBuffer[]} [transfer] */
const send = (reply, transfer = []) => port.postMessage(reply, transfer);

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** @param {Session} session @param {Extract<WorkerRequest, { kind: "run" }>} request */
async function compute(session, { id, feeds, image, fetches = session.outputNames, ray, cancelled }) {
  try {
    const checkWanted = () => {
      if (cancelled !== undefined && Atomics.load(cancelled, 0) === 1)
        throw new Error("the run was cancelled");
    };
    checkWanted();
    const { outputs, map, begun } = await session.run(feeds, { fetches, image, ray, checkWanted });
    /** @type {Record<string, Tensor>} */
    const results = {};
    for (const [name, { type, dims, data }] of Object.entries(outputs)) {
      results[name] = /** @type {Tensor} */ ({ dtype: type, dims: [...dims], data });
    }
    const buffers = new Set(
      Object.values(results).map(({ data }) => /** @type {ArrayBuffer} */ (data.buffer)),
    );
    const facts = { ...(map !== undefined && { map }), ...(begun !== undefined && { begun }) };
    send({ kind: "result", id, results, ...facts }, [...buffers]);
  } catch (error) {
    send({ kind: "failure", id, message: messageOf(error) });
  }
}

/**
 * The kernels are loaded only where they are needed.
 * @param {ort.InferenceSession} opened @param {import("@voxplain/kernels").LeadingProgram} leading @param {number} threads
 */
async function withKernels(opened, leading, threads) {
  const { leadingSession } = await import("./leading-session.js");
  return leadingSession(opened, leading, { threads, startHelper: (help) => send({ kind: "help", help }) });
}

/** @type {Session | undefined} */
let session;

/** The thread ends, as nothing else keeps it. Deno's port cannot be closed. */
const end = () => port.unref();

/** @param {WorkerRequest} request */
async function answer(request) {
  if (request.kind === "run") {
    if (session !== undefined) await compute(session, request);
    return;
  }
  if (request.kind === "release") {
    await session?.release();
    end();
    return;
  }
  try {
    const { source, threads, leading } = request;
    const opened =
      "path" in source
        ? await ort.InferenceSession.create(source.path, sessionOptions(executionProvider, threads))
        : await ort.InferenceSession.create(
            source.proto,
            sessionOptions(executionProvider, threads, source.weightsFolder),
          );
    session = leading ? await withKernels(opened, leading, threads) : plainSession(opened);
    const { inputNames, outputNames, places } = session;
    send({ kind: "ready", inputNames, outputNames, ...(places && { places }) });
  } catch (error) {
    send({ kind: "failure", message: messageOf(error) });
    end();
  }
}

// One request at a time, in their order: a release waits for the runs before it.
let queue = Promise.resolve();
port.on("message", (/** @type {WorkerRequest} */ request) => {
  queue = queue.then(() => answer(request));
});
send({ kind: "loaded" });
