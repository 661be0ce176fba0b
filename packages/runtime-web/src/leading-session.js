import { joinedRows, openKernels, rowOf } from "@voxplain/kernels/runner";

/** @typedef {import("@voxplain/kernels").LeadingProgram} LeadingProgram */
/** @typedef {import("@voxplain/kernels").BlockKernels} BlockKernels */
/** @typedef {import("@voxplain/core").Tensor} Tensor */
/** @typedef {Readonly<Record<string, Tensor>>} Tensors */
/**
 * What computes: a session of ONNX Runtime, with tensors as the page has them.
 * @typedef {object} Session
 * @property {readonly string[]} inputNames
 * @property {readonly string[]} outputNames
 * @property {import("./worker-protocol.ts").ImagePlace} [place] - Where an image may be written.
 * @property {(feeds: Tensors, fetches: readonly string[], isPlaced?: boolean) => Promise<Tensors>} run
 */

/**
 * The kernels of the first blocks, with helpers that run the same script as this worker.
 * @param {LeadingProgram} leading
 * @param {number} threads
 * @returns {BlockKernels}
 */
export function startKernels({ program }, threads) {
  const kernels = openKernels(program, {
    threads,
    startHelper(help) {
      const helper = new Worker(self.location.href, { type: "module" });
      helper.postMessage({ kind: "help", help });
    },
  });
  kernels.warmUp();
  return kernels;
}

/**
 * Kernels for the first blocks, in front of a session for the rest: as one session. Images of a batch are computed one by one.
 * @param {Session} rest
 * @param {LeadingProgram} leading
 * @param {BlockKernels} kernels
 * @returns {Session}
 */
export function leadingSession(rest, { imageDims, input, cut, gradients, rule }, kernels) {
  const dims = [1, ...imageDims];
  const canShare =
    typeof SharedArrayBuffer !== "undefined" && kernels.input.buffer instanceof SharedArrayBuffer;

  /**
   * One image: its outputs, that at `gradients.input` in `map`.
   * @param {Float32Array} image - May be in its place.
   * @param {Tensors} others
   * @param {readonly string[]} fetches
   * @param {Float32Array | undefined} map
   */
  async function computeOne(image, others, fetches, map) {
    if (image !== kernels.input) kernels.input.set(image);
    kernels.forward();
    const values = {
      dtype: /** @type {const} */ ("float32"),
      dims: [1, ...kernels.cutDims],
      data: kernels.cut,
    };
    if (gradients === undefined || map === undefined) return rest.run({ ...others, [cut]: values }, fetches);
    const { [gradients.cut]: gradient, ...results } = await rest.run({ ...others, [cut]: values }, [
      ...fetches,
      gradients.cut,
    ]);
    kernels.cutGradient.set(/** @type {Float32Array} */ (gradient?.data));
    kernels.backward({ rule });
    map.set(kernels.gradient);
    return results;
  }

  return {
    inputNames: rest.inputNames.map((name) => (name === cut ? input : name)),
    outputNames: rest.outputNames.map((name) => (name === gradients?.cut ? gradients.input : name)),
    ...(canShare && { place: { input, dims, data: kernels.input } }),
    async run(feeds, fetches, isPlaced = false) {
      const { [input]: given, ...others } = feeds;
      const batch = isPlaced ? toTensor(kernels.input, dims) : given;
      if (batch === undefined) throw new Error(`input '${input}' is missing`);
      const [count = 0] = batch.dims;
      const size = kernels.input.length;
      const images = /** @type {Float32Array} */ (batch.data);
      if (images.length !== count * size)
        throw new Error(`the input has the shape [${batch.dims.join(", ")}]`);
      const wanted = fetches.filter((name) => name !== gradients?.input);
      const map = wanted.length < fetches.length ? new Float32Array(count * size) : undefined;
      /** @type {Tensors[]} */
      const rows = [];
      for (let row = 0; row < count; row++) {
        const own = Object.entries(others).map(([name, feed]) => [name, rowOf(feed, row, toTensor)]);
        const [from, to] = [row * size, (row + 1) * size];
        rows.push(
          await computeOne(
            isPlaced ? kernels.input : images.subarray(from, to),
            Object.fromEntries(own),
            wanted,
            map?.subarray(from, to),
          ),
        );
      }
      const results = Object.fromEntries(
        wanted.map((name) => [
          name,
          joinedRows(
            rows.map((found) => /** @type {Tensor} */ (found[name])),
            toTensor,
          ),
        ]),
      );
      if (gradients && map) results[gradients.input] = { dtype: "float32", dims: batch.dims, data: map };
      return results;
    },
  };
}

/** @param {Float32Array} data @param {readonly number[]} dims @returns {Tensor} */
const toTensor = (data, dims) => ({ dtype: "float32", dims, data });
