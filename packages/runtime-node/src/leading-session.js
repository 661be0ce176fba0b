import { Worker } from "node:worker_threads";
import { openKernels } from "@voxplain/kernels/runner";
import * as ort from "onnxruntime-node";

/** @typedef {import("@voxplain/kernels").LeadingProgram} LeadingProgram */
/** @typedef {Pick<ort.InferenceSession, "inputNames" | "outputNames" | "run" | "release">} Session */

/**
 * Kernels for the first blocks, in front of a session for the rest: as one session. Images of a batch are computed one by one.
 * ONNX Runtime takes no shared memory, so that the values and the gradient at the cut are copied once each.
 * @param {ort.InferenceSession} rest
 * @param {LeadingProgram} leading
 * @param {number} threads
 * @returns {Session}
 */
export function leadingSession(rest, { program, input, cut, gradients, guided = false }, threads) {
  const kernels = openKernels(program, {
    threads,
    startHelper: (help) =>
      new Worker(new URL("./kernel-helper.js", import.meta.url), { workerData: help }).unref(),
  });
  kernels.warmUp();
  const values = new Float32Array(kernels.cut.length);
  const slopes = new Float32Array(gradients ? kernels.cutGradient.length : 0);
  const cutDims = [1, ...kernels.cutDims];

  /**
   * One image: its outputs, that at `gradients.input` in `map`.
   * @param {Float32Array} image
   * @param {Readonly<Record<string, ort.Tensor>>} others
   * @param {readonly string[]} fetches
   * @param {Float32Array | undefined} map
   */
  async function computeOne(image, others, fetches, map) {
    kernels.input.set(image);
    kernels.forward();
    values.set(kernels.cut);
    /** @type {Record<string, ort.Tensor | null>} */
    const wanted = Object.fromEntries(fetches.map((name) => [name, null]));
    if (gradients && map) wanted[gradients.cut] = new ort.Tensor("float32", slopes, cutDims);
    const results = /** @type {Record<string, ort.Tensor>} */ (
      await rest.run({ ...others, [cut]: new ort.Tensor("float32", values, cutDims) }, wanted)
    );
    if (gradients && map) {
      kernels.cutGradient.set(slopes);
      kernels.backward({ guided });
      map.set(kernels.gradient);
    }
    return results;
  }

  return {
    inputNames: rest.inputNames.map((name) => (name === cut ? input : name)),
    outputNames: rest.outputNames.map((name) => (name === gradients?.cut ? gradients.input : name)),
    async run(feeds, fetches) {
      const { [input]: batch, ...others } = /** @type {Record<string, ort.Tensor>} */ (feeds);
      const names = /** @type {readonly string[]} */ (fetches);
      if (batch === undefined) throw new Error(`input '${input}' is missing`);
      const [count = 0, ...dims] = batch.dims;
      const size = kernels.input.length;
      const images = /** @type {Float32Array} */ (batch.data);
      if (images.length !== count * size)
        throw new Error(`the input has the shape [${batch.dims.join(", ")}]`);
      const asked = gradients !== undefined && names.includes(gradients.input);
      const map = asked ? new Float32Array(count * size) : undefined;
      /** @type {Record<string, ort.Tensor>[]} */
      const rows = [];
      for (let row = 0; row < count; row++) {
        const own = Object.entries(others).map(([name, feed]) => [name, rowOf(feed, row)]);
        rows.push(
          await computeOne(
            images.subarray(row * size, (row + 1) * size),
            Object.fromEntries(own),
            names.filter((name) => name !== gradients?.input),
            map?.subarray(row * size, (row + 1) * size),
          ),
        );
      }
      const results = Object.fromEntries(
        names
          .filter((name) => name !== gradients?.input)
          .map((name) => [name, joined(rows.map((results) => /** @type {ort.Tensor} */ (results[name])))]),
      );
      if (gradients && map) results[gradients.input] = new ort.Tensor("float32", map, [count, ...dims]);
      return results;
    },
    async release() {
      kernels.release();
      await rest.release();
    },
  };
}

/** @param {ort.Tensor} feed @param {number} row */
function rowOf({ dims, data }, row) {
  const values = /** @type {Float32Array} */ (data);
  const size = values.length / (dims[0] ?? 1);
  return new ort.Tensor("float32", values.slice(row * size, (row + 1) * size), [1, ...dims.slice(1)]);
}

/** @param {readonly ort.Tensor[]} rows */
function joined(rows) {
  const [first] = rows;
  if (first === undefined || rows.length === 1) return /** @type {ort.Tensor} */ (first);
  const size = first.size;
  const data = new Float32Array(rows.length * size);
  rows.forEach((row, k) => {
    data.set(/** @type {Float32Array} */ (row.data), k * size);
  });
  return new ort.Tensor("float32", data, [rows.length, ...first.dims.slice(1)]);
}
