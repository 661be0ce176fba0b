// JavaScript, so that it runs as it is from the sources. The build bundles it into one file without imports, which runs under
// a bundler and without one (import maps do not reach into workers).
import { helpKernels } from "@voxplain/kernels/runner";
import { leadingSession, startKernels } from "./leading-session.js";

/** @typedef {typeof import("onnxruntime-web")} Ort */
/** @typedef {import("onnxruntime-web").InferenceSession} OrtSession */
/** @typedef {import("./worker-protocol.ts").WorkerRequest} WorkerRequest */
/** @typedef {import("./worker-protocol.ts").WorkerReply} WorkerReply */
/** @typedef {import("@voxplain/core").Tensor} Tensor */
/** @typedef {import("@voxplain/core").ErrorCode} ErrorCode */
/** @typedef {import("./worker-protocol.ts").WorkerError} WorkerError */

/** @typedef {import("./leading-session.js").Session} Session */
/** @typedef {import("./leading-session.js").LeadingProgram} LeadingProgram */
/** @typedef {import("./leading-session.js").BlockKernels} BlockKernels */

/** @type {{ leading: LeadingProgram, kernels: BlockKernels } | undefined} */
let prepared;
/** @type {string | undefined} - Why there are no kernels. */
let notPrepared;
/** @type {Session | undefined} */
let opened;

/**
 * An error with the fields that the page gets.
 * @param {WorkerError} fields
 */
const failure = (fields) => Object.assign(new Error(fields.problem), { fields });

/** @param {WorkerReply} reply @param {Transferable[]} [transfer] */
const send = (reply, transfer = []) => self.postMessage(reply, { transfer });

/** @param {unknown} error */
function messageOf(error) {
  // A C++ exception whose text is lost; with large models it is the memory's.
  if (typeof error === "number") return "it ran out of memory (a page has 4 GB at most), or crashed";
  return error instanceof Error ? error.message : String(error);
}

/**
 * A WebAssembly that cannot be loaded or started is not the fault of the model.
 * @param {unknown} error @returns {WorkerError}
 */
function openingError(error) {
  const said = messageOf(error);
  return /no available backend found/.test(said)
    ? { code: "device-unavailable", problem: said }
    : { code: "invalid-file", problem: `ONNX Runtime cannot load the model: ${said}` };
}

/** @param {unknown} error @returns {WorkerError} */
const computationError = (error) => ({
  code: "computation-failed",
  problem: `ONNX Runtime could not compute: ${messageOf(error)}`,
});

/** @param {unknown} error @param {WorkerError} otherwise Of errors that are ONNX Runtime's own. */
function fail(error, otherwise) {
  const crashed = typeof error === "number" || error instanceof WebAssembly.RuntimeError;
  const own = /** @type {{ fields?: WorkerError }} */ (error).fields;
  send({ kind: "failure", error: own ?? otherwise, crashed });
}

/** @param {Extract<WorkerRequest, { kind: "open" }>} request */
async function open({ settings, proto, externalData }) {
  if (notPrepared !== undefined) {
    throw failure({
      code: "device-unavailable",
      problem: notPrepared,
      hint: 'leave them to ONNX Runtime with "kernels: false"',
    });
  }
  const { executionProvider, assets, threads, version } = settings;
  if (executionProvider === "webgpu") await requireAdapter();
  const ort = await loadOrt(assets.script);
  const found = ort.env.versions.web ?? ort.env.versions.common;
  if (found !== version) {
    throw failure({
      code: "mismatch",
      problem: "the page has another version of onnxruntime-web than it was made for",
      file: assets.script,
      expected: version,
      found,
      hint: "copy the files of onnxruntime-web/dist again",
    });
  }
  ort.env.logLevel = "error";
  Object.assign(ort.env.wasm, {
    // A text is a folder, an object names the file.
    wasmPaths: { wasm: assets.wasm },
    numThreads: threads,
    // This is a worker already.
    proxy: false,
  });
  const session = await ort.InferenceSession.create(proto, {
    // Without the preferred layout every convolution stands between two transpositions.
    executionProviders: [
      executionProvider === "webgpu" ? { name: "webgpu", preferredLayout: "NCHW" } : executionProvider,
    ],
    externalData,
    graphOptimizationLevel: "all",
    executionMode: "sequential",
    // A memory pattern reserves the whole plan a second time, and a prepacked weight is a second copy.
    enableMemPattern: false,
    extra: {
      session: { disable_prepacking: "1" },
      // It merges a padding with zeros into the max-pooling behind it, whose own padding is −∞: a zero that
      // should win over negative values is lost (onnxruntime 1.30).
      optimization: { disable_specified_optimizers: "Pad_Fusion" },
    },
    logSeverityLevel: 3,
  });
  // ONNX Runtime has copied them: their memory is given back now, not when it is collected.
  for (const { data } of externalData) emptied(data.buffer);
  const own = sessionOf(ort, session);
  opened = prepared ? leadingSession(own, prepared.leading, prepared.kernels) : own;
  const { inputNames, outputNames, place } = opened;
  send({ kind: "ready", inputNames, outputNames, ...(place && { place }) });
}

/**
 * Frees an array buffer, where the browser can (since 2024).
 * @param {ArrayBufferLike & { transfer?: (length: number) => unknown }} buffer
 */
function emptied(buffer) {
  buffer.transfer?.(0);
}

async function requireAdapter() {
  /** @type {{ gpu?: { requestAdapter(): Promise<unknown> } } | undefined} */
  const navigator = self.navigator;
  const gpu = navigator?.gpu;
  if (gpu === undefined) {
    throw failure({
      code: "device-unavailable",
      problem: "this browser has no WebGPU here; it needs a secure page, https or localhost",
      hint: 'use "wasm"',
    });
  }
  if (!(await gpu.requestAdapter())) {
    throw failure({
      code: "device-unavailable",
      problem: "the browser has no WebGPU adapter",
      hint: 'use "wasm"',
    });
  }
}

/** @param {string} script @returns {Promise<Ort>} */
async function loadOrt(script) {
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ script);
  } catch (error) {
    const copied = await importCopy(script).catch(() => undefined);
    if (copied) return copied;
    throw failure({
      code: "device-unavailable",
      problem: `ONNX Runtime cannot be loaded (${messageOf(error)})`,
      file: script,
      hint: "serve the files of onnxruntime-web/dist with the page",
    });
  }
}

/**
 * Browsers import no file that its server does not call JavaScript, and some servers know no `.mjs`, such as Debian's nginx.
 * @param {string} script @returns {Promise<Ort>}
 */
async function importCopy(script) {
  const response = await fetch(script);
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  const copy = new Blob([await response.arrayBuffer()], { type: "text/javascript" });
  // Its threads are started from the same address.
  return import(/* @vite-ignore */ /* webpackIgnore: true */ URL.createObjectURL(copy));
}

/**
 * A session that takes and gives tensors as the page has them.
 * @param {Ort} ort @param {OrtSession} session @returns {Session}
 */
function sessionOf(ort, session) {
  const { inputNames, outputNames } = session;
  return {
    inputNames,
    outputNames,
    async run(feeds, fetches) {
      const fed = Object.entries(feeds).map(([name, { dtype, dims, data }]) => [
        name,
        new ort.Tensor(/** @type {"float32"} */ (dtype), /** @type {Float32Array} */ (data), dims),
      ]);
      const outputs = await session.run(Object.fromEntries(fed), fetches);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { type, dims, data: elements }]) => {
          const data = /** @type {Tensor["data"]} */ (elements);
          // Newer browsers have an array for half precision; a Tensor holds its bits.
          const bits = type === "float16" ? new Uint16Array(data.buffer, data.byteOffset, data.length) : data;
          return [name, /** @type {Tensor} */ ({ dtype: type, dims: [...dims], data: bits })];
        }),
      );
    },
  };
}

/** @param {Extract<WorkerRequest, { kind: "run" }>} request */
async function run({ feeds, fetches, isPlaced }) {
  if (opened === undefined) throw new Error("there is no session");
  const results = await opened.run(feeds, fetches ?? opened.outputNames, isPlaced);
  const buffers = new Set(Object.values(results).map(({ data }) => /** @type {ArrayBuffer} */ (data.buffer)));
  send({ kind: "result", results }, [...buffers]);
}

self.onmessage = async (/** @type {MessageEvent<WorkerRequest>} */ { data: request }) => {
  switch (request.kind) {
    case "help":
      return helpKernels(request.help);
    case "prepare":
      try {
        prepared = { leading: request.leading, kernels: startKernels(request.leading, request.threads) };
      } catch (error) {
        notPrepared = `the kernels of the first layers cannot be started: ${messageOf(error)}`;
      }
      return;
    case "open":
      return open(request).catch((error) => fail(error, openingError(error)));
    case "run":
      return run(request).catch((error) => fail(error, computationError(error)));
  }
};
