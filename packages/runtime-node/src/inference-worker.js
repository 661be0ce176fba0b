// JavaScript, so that Node can start it as a thread from the sources as well as from the build.
// ONNX Runtime's run() blocks its thread in Node; here it blocks nobody.
import { parentPort, workerData } from "node:worker_threads";
import * as ort from "onnxruntime-node";

/** @typedef {import("./worker-protocol.ts").WorkerRequest} WorkerRequest */
/** @typedef {import("./worker-protocol.ts").WorkerReply} WorkerReply */
/** @typedef {import("@voxplain/core").Tensor} Tensor */

const { modelPath, executionProvider, threads } =
  /** @type {import("./worker-protocol.ts").WorkerSettings} */ (workerData);
const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);

/** @param {WorkerReply} reply @param {ArrayBuffer[]} [transfer] */
const send = (reply, transfer = []) => port.postMessage(reply, transfer);

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** @type {ort.InferenceSession.SessionOptions} */
const options = {
  // Without the preferred layout, WebGPU transposes before and after every convolution.
  executionProviders: [
    executionProvider === "webgpu" ? { name: "webgpu", preferredLayout: "NCHW" } : executionProvider,
  ],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all",
  // A memory pattern reserves the whole plan a second time, and a prepacked weight is a second copy:
  // for one full-size volume they cost 450 MB and 160 MB and gain nothing.
  enableMemPattern: false,
  extra: {
    // Threads that spin while they wait take the cores from the thread that reads the next image.
    session: { disable_prepacking: "1", intra_op: { allow_spinning: "0" } },
    // It merges a padding with zeros into the max-pooling behind it, whose own padding is −∞: a zero that
    // should win over negative values is lost (onnxruntime 1.30).
    optimization: { disable_specified_optimizers: "Pad_Fusion" },
  },
  logSeverityLevel: 3,
};

try {
  const session = await ort.InferenceSession.create(modelPath, options);
  /** @param {WorkerRequest} request */
  const answer = async (request) => {
    if (request.kind === "release") {
      await session.release();
      port.close();
      return;
    }
    try {
      const feeds = Object.fromEntries(
        Object.entries(request.feeds).map(([name, { dtype, dims, data }]) => [
          name,
          new ort.Tensor(/** @type {"float32"} */ (dtype), /** @type {Float32Array} */ (data), dims),
        ]),
      );
      const outputs = await session.run(feeds, request.fetches ?? session.outputNames);
      /** @type {Record<string, Tensor>} */
      const results = {};
      for (const [name, { type, dims, data }] of Object.entries(outputs)) {
        results[name] = /** @type {Tensor} */ ({ dtype: type, dims: [...dims], data });
      }
      const buffers = new Set(
        Object.values(results).map(({ data }) => /** @type {ArrayBuffer} */ (data.buffer)),
      );
      send({ kind: "result", id: request.id, results }, [...buffers]);
    } catch (error) {
      send({ kind: "failure", id: request.id, message: messageOf(error) });
    }
  };
  // One request at a time, in their order: a release waits for the runs before it.
  let queue = Promise.resolve();
  port.on("message", (/** @type {WorkerRequest} */ request) => {
    queue = queue.then(() => answer(request));
  });
  send({ kind: "ready", inputNames: session.inputNames, outputNames: session.outputNames });
} catch (error) {
  send({ kind: "failure", message: messageOf(error) });
  port.close();
}
