// JavaScript without imports, so that it runs as it is: from the sources, from the build, under a bundler
// and without one (import maps do not reach into workers).

/** @typedef {typeof import("onnxruntime-web")} Ort */
/** @typedef {import("onnxruntime-web").InferenceSession} OrtSession */
/** @typedef {import("./worker-protocol.ts").WorkerRequest} WorkerRequest */
/** @typedef {import("./worker-protocol.ts").WorkerReply} WorkerReply */
/** @typedef {import("@voxplain/core").Tensor} Tensor */
/** @typedef {import("@voxplain/core").ErrorCode} ErrorCode */

/** @type {{ ort: Ort, session: OrtSession } | undefined} */
let opened;

/**
 * An error with the code that the page shall see.
 * @param {ErrorCode} voxplainCode @param {string} message
 */
const failure = (voxplainCode, message) => Object.assign(new Error(message), { voxplainCode });

/** @param {WorkerReply} reply @param {Transferable[]} [transfer] */
const send = (reply, transfer = []) => self.postMessage(reply, { transfer });

/** @param {unknown} error */
function messageOf(error) {
  // A C++ exception whose text is lost; with large models it is the memory's.
  if (typeof error === "number") return "it ran out of memory (a page has 4 GB at most), or crashed";
  return error instanceof Error ? error.message : String(error);
}

/**
 * What ONNX Runtime says when its WebAssembly cannot be loaded or started is not the model's fault.
 * @param {unknown} error @returns {ErrorCode}
 */
const codeOf = (error) =>
  /no available backend found/.test(messageOf(error)) ? "device-unavailable" : "invalid-file";

/** @param {unknown} error @param {ErrorCode} code */
function fail(error, code) {
  const crashed = typeof error === "number" || error instanceof WebAssembly.RuntimeError;
  const own = /** @type {{ voxplainCode?: ErrorCode }} */ (error).voxplainCode;
  send({ kind: "failure", code: own ?? code, message: messageOf(error), crashed });
}

/** @param {Extract<WorkerRequest, { kind: "open" }>} request */
async function open({ settings, proto, externalData }) {
  const { executionProvider, assets, threads, version } = settings;
  if (executionProvider === "webgpu") await requireAdapter();
  const ort = await loadOrt(assets.script);
  const found = ort.env.versions.web ?? ort.env.versions.common;
  if (found !== version) {
    throw failure(
      "mismatch",
      `${assets.script} is onnxruntime-web ${found}, and this page was made for ${version}: copy the files again`,
    );
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
  opened = { ort, session };
  send({ kind: "ready", inputNames: session.inputNames, outputNames: session.outputNames });
}

async function requireAdapter() {
  /** @type {{ gpu?: { requestAdapter(): Promise<unknown> } } | undefined} */
  const navigator = self.navigator;
  const gpu = navigator?.gpu;
  if (gpu === undefined) {
    throw failure(
      "device-unavailable",
      'this browser has no WebGPU here (it needs a secure page: https or localhost); use "wasm"',
    );
  }
  if (!(await gpu.requestAdapter())) {
    throw failure("device-unavailable", 'the browser gives no WebGPU adapter; use "wasm"');
  }
}

/** @param {string} script @returns {Promise<Ort>} */
async function loadOrt(script) {
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ script);
  } catch (error) {
    throw failure(
      "device-unavailable",
      `ONNX Runtime cannot be loaded from ${script} (${messageOf(error)}): the page has to serve the files of onnxruntime-web/dist`,
    );
  }
}

/** @param {Extract<WorkerRequest, { kind: "run" }>} request */
async function run({ feeds, fetches }) {
  if (opened === undefined) throw new Error("there is no session");
  const { ort, session } = opened;
  const fed = Object.entries(feeds).map(([name, { dtype, dims, data }]) => [
    name,
    new ort.Tensor(/** @type {"float32"} */ (dtype), /** @type {Float32Array} */ (data), dims),
  ]);
  const outputs = await session.run(Object.fromEntries(fed), fetches ?? session.outputNames);
  /** @type {Record<string, Tensor>} */
  const results = {};
  const buffers = new Set();
  for (const [name, { type, dims, data: elements }] of Object.entries(outputs)) {
    const data = /** @type {Tensor["data"]} */ (elements);
    // Newer browsers have an array for half precision; a Tensor holds its bits.
    const bits = type === "float16" ? new Uint16Array(data.buffer, data.byteOffset, data.length) : data;
    results[name] = /** @type {Tensor} */ ({ dtype: type, dims: [...dims], data: bits });
    buffers.add(bits.buffer);
  }
  send({ kind: "result", results }, [...buffers]);
}

self.onmessage = async (/** @type {MessageEvent<WorkerRequest>} */ { data: request }) => {
  if (request.kind === "open") await open(request).catch((error) => fail(error, codeOf(error)));
  else await run(request).catch((error) => fail(error, "computation-failed"));
};
