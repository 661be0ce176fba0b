import * as ort from "onnxruntime-node";

/** @typedef {import("@voxplain/core").Tensor} Tensor */

/**
 * ONNX Runtime alone.
 * @param {Pick<ort.InferenceSession, "inputNames" | "outputNames" | "run" | "release">} opened
 * @returns {import("./leading-session.js").Session}
 */
export function plainSession(opened) {
  /**
   * ONNX Runtime takes no shared memory: its content is copied to the same place each time.
   * @type {Map<string, { buffer: ArrayBuffer }>}
   */
  const own = new Map();

  /** @param {string} name @param {Tensor} feed */
  function toTensor(name, { dtype, dims, data }) {
    let values = /** @type {Float32Array} */ (data);
    if (typeof SharedArrayBuffer !== "undefined" && values.buffer instanceof SharedArrayBuffer) {
      const kept = own.get(name);
      const { byteLength } = values;
      const buffer = kept?.buffer.byteLength === byteLength ? kept.buffer : new ArrayBuffer(byteLength);
      own.set(name, { buffer });
      new Uint8Array(buffer).set(new Uint8Array(values.buffer, values.byteOffset, byteLength));
      values = new /** @type {Float32ArrayConstructor} */ (values.constructor)(buffer);
    }
    return new ort.Tensor(/** @type {"float32"} */ (dtype), values, dims);
  }

  return {
    inputNames: opened.inputNames,
    outputNames: opened.outputNames,
    async run(feeds, { fetches }) {
      const tensors = Object.entries(feeds).map(([name, feed]) => [name, toTensor(name, feed)]);
      return { outputs: await opened.run(Object.fromEntries(tensors), fetches) };
    },
    release: () => opened.release(),
  };
}
