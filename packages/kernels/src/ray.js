/**
 * What of the runner a ray needs.
 * @typedef {object} RayParts
 * @property {import("./team.js").Team} compute
 * @property {ArrayBufferLike} buffer
 * @property {(image: number) => { readonly reach: number, readonly constants: readonly number[], readonly finite: boolean }} look - Makes an
 * image that of the kernels, and finds its largest absolute value, its first voxel, and whether all values stay finite.
 * @property {(map: number) => void} chooseMap
 * @property {(decisions: import("./program.ts").BlockDecisions, values: readonly number[]) => Float32Array} constantValues
 * @property {(step: import("./program.ts").ProgramStep, most: number) => readonly number[]} errorsOf
 * @property {(constants: readonly number[], errors: readonly number[]) => void} runBehind
 */

/**
 * Sums gradients at multiples of one image (`assembly/ray.ts`).
 * @param {import("./place-ray.ts").RayProgram} ray
 * @param {readonly import("./program.ts").ProgramStep[]} steps
 * @param {RayParts} parts
 * @returns {import("./block-kernels.ts").KernelRay}
 */
export function openRay(
  ray,
  steps,
  { compute, buffer, look, chooseMap, constantValues, errorsOf, runBehind },
) {
  const [first, ...others] = steps;
  if (first === undefined) throw new RangeError("there are no blocks");
  const backwards = others.reverse();
  const { decisions, offsets, sums: absolute, planes } = first;
  const { bias, slopes, roundings, boundsAt, backgroundsAt } = decisions;
  const point = new Float64Array(buffer, ray.pointAt, 2);
  const sums = new Float64Array(buffer, ray.sumsAt, ray.sumsLength);
  const words = new Int32Array(buffer);
  const withoutBias = { ...decisions, bias: new Float32Array(bias.length) };
  let reach = 0;
  /** @type {ArrayLike<number>} Of each channel, the maximum where the image is as in its first voxel. */
  let maxima = withoutBias.bias;

  /** @param {number} at @param {ArrayLike<number>} values */
  const write = (at, values) => new Float32Array(buffer, at, values.length).set(values);
  /** How far a sum may be off at a point. @param {number} position */
  const distancesAt = (position) =>
    Array.from(absolute, (sum, c) => roundings * 2 ** -24 * (sum * reach * position + (offsets[c] ?? 0)));
  /** Lets the first block compute the image of the point. @param {() => void} computes */
  function atPoint(computes) {
    words[ray.pointFieldAt / 4] = ray.pointAt;
    try {
      computes();
    } finally {
      words[ray.pointFieldAt / 4] = 0;
    }
  }

  return {
    prepare(image) {
      const { finite, constants, reach: largest } = look(image);
      if (!finite) return false;
      reach = largest;
      maxima = constantValues(withoutBias, constants);
      write(backgroundsAt, maxima);
      write(
        boundsAt,
        absolute.map((sum) => roundings * 2 ** -24 * sum * reach),
      );
      compute.run(first.forward, ray.maximaRecord, planes);
      return true;
    },
    clear() {
      sums.fill(0);
    },
    forward(position) {
      point[0] = position;
      // Without a bias the sign is that of the maximum, which is decided.
      write(
        boundsAt,
        distancesAt(position).map((distance, c) => (offsets[c] === 0 ? -1 : distance)),
      );
      const constants = Array.from(maxima, (value, c) => {
        const sum = Math.fround(position * value + (bias[c] ?? 0));
        return sum > 0 ? sum : Math.fround(sum * (slopes[c] ?? 1)) + 0;
      });
      atPoint(() => {
        compute.run("scaleMaxima", ray.record, planes);
        runBehind(constants, errorsOf(first, reach * position));
      });
    },
    add(weight) {
      point[1] = weight;
      for (const { gradient, gradientRecord, gradientPlanes } of backwards)
        compute.run(gradient, gradientRecord, gradientPlanes);
      atPoint(() => compute.run("addToSums", ray.record, planes));
    },
    finish(map = 0) {
      chooseMap(map);
      compute.run("roundSums", ray.record, planes);
      compute.run(first.gradient, ray.gradientRecord, first.gradientPlanes);
    },
  };
}
