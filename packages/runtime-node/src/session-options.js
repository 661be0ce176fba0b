/**
 * How ONNX Runtime computes.
 * @param {import("./providers.ts").NodeProvider} executionProvider
 * @param {number} threads - Of the CPU, for one operator.
 * @param {string} [weightsFolder] - Where the weights are that a model of bytes refers to.
 * @returns {import("onnxruntime-node").InferenceSession.SessionOptions}
 */
export const sessionOptions = (executionProvider, threads, weightsFolder) => ({
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
    session: {
      disable_prepacking: "1",
      intra_op: { allow_spinning: "0" },
      ...(weightsFolder !== undefined && { model_external_initializers_file_folder_path: weightsFolder }),
    },
    // It merges a padding with zeros into the max-pooling behind it, whose own padding is −∞: a zero that
    // should win over negative values is lost (onnxruntime 1.30).
    optimization: { disable_specified_optimizers: "Pad_Fusion" },
  },
  // What goes wrong is thrown, and said in one sentence.
  logSeverityLevel: 4,
});
