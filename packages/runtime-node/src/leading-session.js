import { joinedRows, openKernels, rowOf } from "@voxplain/kernels/runner";
import * as ort from "onnxruntime-node";

/** @typedef {import("@voxplain/core").Tensor} Tensor */
/** @typedef {import("@voxplain/kernels").LeadingProgram} LeadingProgram */
/** @typedef {Readonly<Record<string, Tensor>>} Feeds */
/** @typedef {Readonly<Record<string, ort.Tensor>>} Results */
/**
 * How a run is computed.
 * @typedef {object} Run
 * @property {readonly string[]} fetches
 * @property {number | undefined} image - In which shared place the image is, which the feeds lack then.
 * @property {import("./worker-protocol.ts").RayStep | undefined} [ray] - What it does for a sum of gradients at multiples of that image.
 * @property {() => void} checkWanted - Throws when the run was cancelled.
 */
/**
 * What computes in the worker.
 * @typedef {object} Session
 * @property {readonly string[]} inputNames
 * @property {readonly string[]} outputNames
 * @property {import("./lent-memory.ts").SharedPlaces} [places]
 * @property {(feeds: Feeds, run: Run) => Promise<{ outputs: Results, map?: number, begun?: boolean }>} run
 * @property {() => Promise<void>} release
 */

/**
 * Kernels for the first blocks, in front of a session for the rest: as one session. Images of a batch are computed one by one.
 * ONNX Runtime takes no shared memory, so that the values and the gradient at the cut are copied once each.
 * @param {Pick<ort.InferenceSession, "inputNames" | "outputNames" | "run" | "release">} rest
 * @param {LeadingProgram} leading
 * @param {Pick<import("@voxplain/kernels").KernelOptions, "threads" | "startHelper">} options
 * @returns {Session}
 */
export function leadingSession(rest, { program, imageDims, input, cut, gradients, rule }, options) {
  const kernels = openKernels(program, { ...options, share: true });
  kernels.warmUp();
  const values = new Float32Array(kernels.cut.length);
  const slopes = new Float32Array(gradients ? kernels.cutGradient.length : 0);
  const cutDims = [1, ...kernels.cutDims];
  // The last place is this thread's own, for what comes as a message.
  const own = kernels.images.length - 1;
  const places = own > 0 ? sharedPlaces() : undefined;

  function sharedPlaces() {
    const { buffer } = kernels.input;
    if (typeof SharedArrayBuffer === "undefined" || !(buffer instanceof SharedArrayBuffer)) return undefined;
    const offsets = (/** @type {readonly Float32Array[]} */ all) => all.map(({ byteOffset }) => byteOffset);
    return {
      ...{ buffer, input, gradient: gradients?.input },
      dims: [1, ...imageDims],
      images: offsets(kernels.images.slice(0, own)),
      maps: offsets(kernels.maps),
      taken: new Int32Array(new SharedArrayBuffer(4 * kernels.maps.length)),
      hasRay: kernels.ray !== undefined && gradients !== undefined && rule === undefined,
    };
  }

  /** A place where a map can be computed: at most all but one are read at a time. */
  const freeMap = (except = -1) =>
    kernels.maps.findIndex((_, k) => k !== except && (!places || Atomics.load(places.taken, k) === 0));

  /** Have the kernels computed something else since they looked at the image of the ray? */
  let isRayLost = true;

  /**
   * The passes of one image, with the rest between them: its outputs but for the map.
   * @param {{ forward(): void, backward?: (() => void) | undefined }} passes
   * @param {Readonly<Record<string, ort.Tensor>>} others
   * @param {readonly string[]} fetches
   * @param {() => void} checkWanted
   */
  async function computePasses({ forward, backward }, others, fetches, checkWanted) {
    forward();
    checkWanted();
    values.set(kernels.cut);
    /** @type {Record<string, ort.Tensor | null>} */
    const wanted = Object.fromEntries(fetches.map((name) => [name, null]));
    if (gradients && backward) wanted[gradients.cut] = new ort.Tensor("float32", slopes, cutDims);
    const results = /** @type {Results} */ (
      await rest.run({ ...others, [cut]: new ort.Tensor("float32", values, cutDims) }, wanted)
    );
    if (gradients && backward) {
      checkWanted();
      kernels.cutGradient.set(slopes);
      backward();
    }
    return results;
  }

  /**
   * One image: its outputs but for the map, which is in the place `map`.
   * @param {number} image
   * @param {Readonly<Record<string, ort.Tensor>>} others
   * @param {readonly string[]} fetches
   * @param {number} map - Below 0: none is wanted.
   * @param {() => void} checkWanted
   */
  function computeOne(image, others, fetches, map, checkWanted) {
    isRayLost = true;
    const passes = {
      forward: () => kernels.forward(image),
      backward: map >= 0 ? () => kernels.backward({ rule, map }) : undefined,
    };
    return computePasses(passes, others, fetches, checkWanted);
  }

  /**
   * What a ray asks for.
   * @param {import("@voxplain/kernels").KernelRay} ray
   * @param {import("./worker-protocol.ts").RayStep} step
   * @param {number} image
   * @param {Readonly<Record<string, ort.Tensor>>} others
   * @param {Run} run
   */
  async function computeRay(ray, step, image, others, { fetches, checkWanted }) {
    if (step.kind === "begin") {
      const begun = ray.prepare(image);
      isRayLost = !begun;
      if (begun) ray.clear();
      return { outputs: {}, begun };
    }
    if (step.kind === "sum") {
      const map = freeMap();
      ray.finish(map);
      return withMap({}, map, gradients?.input ?? "");
    }
    const { position, weight } = step.point;
    const passes = {
      forward() {
        if (isRayLost) ray.prepare(image);
        isRayLost = false;
        ray.forward(position);
      },
      backward: () => ray.add(weight),
    };
    return { outputs: named(fetches, [await computePasses(passes, others, fetches, checkWanted)]) };
  }

  /**
   * The images of a batch, one after the other.
   * @param {Tensor} batch
   * @param {(image: number, row: number) => Promise<Results>} computeRow
   */
  async function eachImage({ dims, data }, computeRow) {
    const [count = 0] = dims;
    const size = kernels.input.length;
    if (data.length !== count * size || dims.slice(1).join() !== imageDims.join())
      throw new Error(`the input has the shape [${dims.join(", ")}]`);
    const images = /** @type {Float32Array} */ (data);
    const rows = [];
    for (let row = 0; row < count; row++) {
      kernels.images[own]?.set(images.subarray(row * size, (row + 1) * size));
      rows.push(await computeRow(own, row));
    }
    return rows;
  }

  return {
    inputNames: rest.inputNames.map((name) => (name === cut ? input : name)),
    outputNames: rest.outputNames.map((name) => (name === gradients?.cut ? gradients.input : name)),
    ...(places && { places }),
    async run({ [input]: batch, ...others }, run) {
      const { fetches, image, ray, checkWanted } = run;
      if (ray && kernels.ray && image !== undefined) {
        const fed = Object.entries(others).map(([name, feed]) => [name, rowOf(feed, 0, toOrt)]);
        return computeRay(kernels.ray, ray, image, Object.fromEntries(fed), run);
      }
      const isMapWanted = gradients !== undefined && fetches.includes(gradients.input);
      const map = isMapWanted ? freeMap() : -1;
      const names = fetches.filter((name) => name !== gradients?.input);
      /** @param {number} place @param {number} row */
      const computeRow = (place, row) => {
        const fed = Object.entries(others).map(([name, feed]) => [name, rowOf(feed, row, toOrt)]);
        return computeOne(place, Object.fromEntries(fed), names, map, checkWanted);
      };
      if (image !== undefined) {
        const outputs = named(names, [await computeRow(image, 0)]);
        return gradients && isMapWanted ? withMap(outputs, map, gradients.input) : { outputs };
      }
      if (batch === undefined) throw new Error(`input '${input}' is missing`);
      const maps = isMapWanted ? new Float32Array(batch.data.length) : undefined;
      const rows = await eachImage(batch, async (place, row) => {
        const results = await computeRow(place, row);
        maps?.set(kernels.maps[map] ?? [], row * kernels.input.length);
        return results;
      });
      const outputs = named(names, rows);
      if (gradients && maps) outputs[gradients.input] = new ort.Tensor("float32", maps, batch.dims);
      return { outputs };
    },
    async release() {
      kernels.release();
      await rest.release();
    },
  };

  /**
   * Leaves the map in its place for whoever reads it, where another place is free for the next one; else it is copied.
   * @param {Record<string, ort.Tensor>} outputs @param {number} map @param {string} name
   */
  function withMap(outputs, map, name) {
    if (places && freeMap(map) >= 0) {
      Atomics.store(places.taken, map, 1);
      return { outputs, map };
    }
    const copy = new Float32Array(kernels.maps[map] ?? []);
    return { outputs: { ...outputs, [name]: new ort.Tensor("float32", copy, [1, ...imageDims]) } };
  }
}

/**
 * The outputs of all images.
 * @param {readonly string[]} names @param {readonly Results[]} rows
 * @returns {Record<string, ort.Tensor>}
 */
const named = (names, rows) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      joinedRows(
        rows.map((results) => /** @type {ort.Tensor} */ (results[name])),
        toOrt,
      ),
    ]),
  );

/** @param {Float32Array} data @param {readonly number[]} dims */
const toOrt = (data, dims) => new ort.Tensor("float32", data, dims);
