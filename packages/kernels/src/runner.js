// JavaScript, so that Node can run it in a thread from the sources as well as from the build.
import { buildId } from "./build-id.js";
import { openRay } from "./ray.js";
import { checkBuild, controlBytes, helpedTeam, soloTeam } from "./team.js";
import { compileModule, instantiate, maximumPages } from "./wasm-module.js";

export { joinedRows, rowOf } from "./batch-rows.js";
export { helperEnded, helpKernels } from "./team.js";

/** @typedef {import("./program.ts").KernelProgram} KernelProgram */
/** @typedef {import("./block-kernels.ts").BlockKernels} BlockKernels */
/** @typedef {import("./block-kernels.ts").KernelOptions} KernelOptions */

/** Largest values for which no sum of a Winograd transform can overflow. */
const largestSafe = 1e30;
const mostThreads = 64;
/** Blocks that decide in float64. Those behind them have few near-ties, and would take longer for each. */
const exactBlocks = 2;
const canShare = typeof SharedArrayBuffer !== "undefined";
/** Planes and rounds after which the engine compiles what runs: measured in Node 20. It goes on in threads of its own. */
const [warmPlanes, warmRounds] = [1, 4];

/**
 * Is every sum in the blocks far from overflow, for values up to `most` at the input?
 * @param {KernelProgram} program
 * @param {number} most
 */
function staysFinite({ steps }, most) {
  let reach = most;
  for (const { sums, offsets, growth } of steps) {
    const values = Array.from(sums, (sum, c) => (sum * reach + (offsets[c] ?? 0)) * (growth[c] ?? 1));
    // A weight that is not finite makes it NaN, which is not below the limit.
    if (!values.every((value) => value < largestSafe)) return false;
    reach = Math.max(reach, ...values);
  }
  return reach < largestSafe;
}

/**
 * What the kernels compute where every value of a channel is the same, in their order: all sums of a window are this float32 number.
 * @param {import("./program.ts").BlockDecisions} first
 * @param {readonly number[]} values - Of each channel.
 */
function constantValues({ constant: { weights, terms, scale, biasFirst }, bias }, values) {
  const { fround } = Math;
  return Float32Array.from(bias, (offset, c) => {
    let sum = biasFirst ? offset : 0;
    for (let t = 0; t < terms; t++) {
      const value = values[Math.floor((t * values.length) / terms)] ?? 0;
      sum = fround(sum + fround((weights[c * terms + t] ?? 0) * scale * value));
    }
    return biasFirst ? sum : fround(offset + sum);
  });
}

/**
 * Makes the memory of a program and computes it, with helpers where memory can be shared.
 * @param {KernelProgram} program
 * @param {KernelOptions} [options]
 * @returns {BlockKernels}
 */
export function openKernels(program, { threads = 1, share = false, startHelper } = {}) {
  checkBuild(program.build);
  const { steps } = program;
  const team = threads > 1 && startHelper !== undefined && canShare ? Math.min(threads, mostThreads) : 1;
  const shared = team > 1 || (share && canShare);
  const bytes = program.bytes + team * program.scratchBytes;
  const memory = new WebAssembly.Memory({
    initial: Math.ceil(bytes / 65_536),
    maximum: maximumPages,
    shared,
  });
  const { buffer } = memory;
  for (const [at, values] of program.contents) {
    new Uint8Array(buffer, at, values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  }
  const module = compileModule(shared);
  const compute = startTeam();

  function startTeam() {
    const kernels = instantiate(module, memory);
    if (team === 1) return soloTeam(kernels, program.bytes);
    const control = new SharedArrayBuffer(controlBytes);
    for (let thread = 1; thread < team; thread++) {
      startHelper?.({ module, memory, control, thread, build: buildId });
    }
    return helpedTeam(kernels, control, team, program.bytes, program.scratchBytes);
  }
  /** @param {import("./program.ts").Place} place */
  const floats = ({ at, length }) => new Float32Array(buffer, at, length);
  const allOf = (/** @type {import("./program.ts").Choice} */ { places }) =>
    places.map((at) => floats({ at, length: program.input.length }));
  const [images, maps] = [allOf(program.images), allOf(program.maps)];
  const [input, cutGradient] = [floats(program.input), floats(program.cutGradient)];
  const words = new Int32Array(buffer);
  /** The image of the last forward pass. */
  let current = input;
  /** @param {import("./program.ts").Choice} choice @param {number} which */
  function choose({ places, chosenAt }, which) {
    const place = places[which];
    if (place === undefined) throw new RangeError(`there are ${places.length} places, not ${which + 1}`);
    for (const at of chosenAt) words[at / 4] = place;
  }

  /**
   * The largest absolute value at the input of a block.
   * @param {import("./program.ts").BlockDecisions} block
   * @param {number} most - Planes.
   */
  function largestOf({ record, planes, largestAt }, most) {
    const count = Math.min(most, planes);
    compute.run("largest", record, count);
    return floats({ at: largestAt, length: count }).reduce((a, b) => Math.max(a, b), 0);
  }

  /**
   * Sets the distances below which a block decides in float64, and gives what is behind it where its input is constant.
   * @param {import("./program.ts").ProgramStep} step
   * @param {number} most - Largest absolute value at its input.
   * @param {readonly number[]} constants - Of each channel, where the image is as in its first voxel.
   * @param {readonly number[]} errors - Of each channel, how far its input may be off.
   */
  function setBounds({ sums, offsets, decisions }, most, constants, errors) {
    const { bias, slopes, roundings, boundsAt, backgroundsAt, doubtsAt, channelSums } = decisions;
    const doubts = Array.from(sums, (_, c) =>
      doubtsAt === 0
        ? 0
        : errors.reduce((sum, e, n) => sum + e * (channelSums[c * errors.length + n] ?? 0), 0),
    );
    if (doubtsAt > 0) floats({ at: doubtsAt, length: bias.length }).set(doubts);
    const distances = Array.from(
      sums,
      (sum, c) => roundings * 2 ** -24 * (sum * most + (offsets[c] ?? 0)) + (doubts[c] ?? 0),
    );
    floats({ at: boundsAt, length: bias.length }).set(distances);
    const values = constantValues(decisions, constants);
    floats({ at: backgroundsAt, length: bias.length }).set(values);
    return Array.from(values, (value, c) => (value > 0 ? value : Math.fround(value * (slopes[c] ?? 1)) + 0));
  }

  /**
   * How far each channel behind the first block may be off. Measured with 27 weights: at most 1.3 units where this allows 2, and 0.2 in the mean square.
   * @param {import("./program.ts").ProgramStep} first
   * @param {number} most - Largest absolute value of the image.
   */
  function errorsOf({ sums, offsets, growth, decisions }, most) {
    const units = (Math.sqrt(decisions.roundings) / 4) * 2 ** -24;
    return Array.from(sums, (sum, c) => units * (growth[c] ?? 1) * (sum * most + (offsets[c] ?? 0)));
  }

  /**
   * What there is to know of an image in front of the first block.
   * @param {import("./program.ts").ProgramStep} first
   * @param {number} most - Planes.
   * @param {Float32Array} image
   */
  function lookAt({ comparesRows, forwardRecord, decisions }, most, image) {
    if (comparesRows) compute.run("compareRows", forwardRecord, Math.min(most, decisions.planes));
    const reach = largestOf(decisions, most);
    const { channels } = decisions;
    const constants = Array.from({ length: channels }, (_, c) => image[(c * image.length) / channels] ?? 0);
    // Winograd's transforms would spread what is not finite to its neighbours.
    return { reach, constants, finite: staysFinite(program, reach) };
  }

  /**
   * @param {number} most - Planes.
   * @param {Float32Array} image
   */
  function runForward(most, image) {
    const [first] = steps;
    if (first === undefined) return;
    const { reach, constants, finite } = lookAt(first, most, image);
    const behind = finite ? setBounds(first, reach, constants, []) : [];
    runBlock(first, 0, finite, most);
    runBehind(most, finite, behind, finite ? errorsOf(first, reach) : []);
  }

  /** @param {import("./program.ts").ProgramStep} step @param {number} k @param {boolean} finite @param {number} most */
  function runBlock({ forward, forwardRecord, plainRecord, planes, decisions }, k, finite, most) {
    if (!finite || k >= exactBlocks)
      floats({ at: decisions.boundsAt, length: decisions.bias.length }).fill(-1);
    if (finite) compute.run(forward, forwardRecord, Math.min(most, planes));
    else compute.run("plain", plainRecord, Math.min(most, planes));
  }

  /**
   * The blocks behind the first one.
   * @param {number} most - Planes.
   * @param {boolean} finite
   * @param {readonly number[]} constants - Of each channel behind the first block, where the image is as in its first voxel.
   * @param {readonly number[]} errors - Of each channel there, how far it may be off.
   */
  function runBehind(most, finite, constants, errors) {
    let values = constants;
    steps.forEach((step, k) => {
      if (k === 0) return;
      if (finite && k < exactBlocks)
        values = setBounds(step, largestOf(step.decisions, most), values, errors);
      runBlock(step, k, finite, most);
    });
  }

  /**
   * Where the parts of the image depend on its lowest and highest value: writes their bounds, and which of them are not 0 everywhere.
   * @param {readonly import("./place-relevance.ts").ShareStep[]} shares
   * @param {Float32Array} image
   */
  function setRange(shares, image) {
    let [lowest, highest] = [Infinity, -Infinity];
    for (const value of image) {
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    for (const { low, high, lowsAt, highsAt, channels, isUsedAt } of shares.flatMap(({ parts }) => parts)) {
      const [least, most] = [low, high].map((bound) =>
        bound === "lowest" ? lowest : bound === "highest" ? highest : bound,
      );
      if (typeof low === "string") floats({ at: lowsAt, length: channels }).fill(Number(least));
      if (typeof high === "string") floats({ at: highsAt, length: channels }).fill(Number(most));
      const isZero = [lowest, highest].every(
        (value) => Math.min(Math.max(value, Number(least)), Number(most)) === 0,
      );
      words[isUsedAt / 4] = isZero ? 0 : 1;
    }
  }

  /**
   * @param {number} most - Planes.
   * @param {Float32Array} image
   * @param {import("./place-relevance.ts").RelevanceProgram} relevance
   * @param {Float32Array} [map]
   */
  function runRelevance(most, image, relevance, map) {
    const [ofImage] = relevance.steps;
    if (ofImage && relevance.needsRange) setRange(ofImage, image);
    for (const [k, step] of [...steps.entries()].reverse()) {
      const { gradient, gradientRecord, gradientPlanes, planes, activated, decisions } = step;
      if (activated) compute.run("letThrough", gradientRecord, planes);
      let isAdded = 0;
      for (const { record, parts } of relevance.steps[k] ?? []) {
        compute.run("shareRelevance", record, Math.min(most, planes));
        for (const part of parts) {
          if (words[part.isUsedAt / 4] === 0) continue;
          compute.run(gradient, part.gradientRecord, Math.min(most, gradientPlanes));
          words[part.isAddedAt / 4] = isAdded;
          compute.run("weighRelevance", part.record, Math.min(most, decisions.planes));
          isAdded = 1;
        }
      }
      // An image of zeros has no part that is used.
      if (isAdded === 0) map?.fill(0);
    }
  }

  /**
   * @param {number} most - Planes.
   * @param {import("@voxplain/core").ActivationRule} [rule]
   */
  function runBackward(most, rule) {
    for (const { gradient, gradientRecord, gradientPlanes, planes, activated } of [...steps].reverse()) {
      if (rule && activated) compute.run("rectify", gradientRecord, planes);
      if (rule === "deconvolution" && activated) compute.run("letThrough", gradientRecord, planes);
      compute.run(gradient, gradientRecord, Math.min(most, gradientPlanes));
    }
  }

  const [first] = steps;
  const all = Number.POSITIVE_INFINITY;
  return {
    ...(program.ray &&
      first && {
        ray: openRay(program.ray, steps, {
          look(image) {
            choose(program.images, image);
            current = images[image] ?? input;
            return lookAt(first, all, current);
          },
          chooseMap: (map) => choose(program.maps, map),
          ...{ compute, buffer, errorsOf, constantValues },
          runBehind: (constants, errors) => runBehind(all, true, constants, errors),
        }),
      }),
    input,
    cut: floats(program.cut),
    cutDims: program.cutDims,
    cutGradient,
    gradient: floats(program.gradient),
    images,
    maps,
    bytes,
    forward(which = 0) {
      choose(program.images, which);
      current = images[which] ?? input;
      runForward(Number.POSITIVE_INFINITY, current);
    },
    backward({ rule, map = 0 } = {}) {
      choose(program.maps, map);
      if (program.relevance) runRelevance(Number.POSITIVE_INFINITY, current, program.relevance, maps[map]);
      else runBackward(Number.POSITIVE_INFINITY, rule);
    },
    warmUp() {
      choose(program.images, 0);
      choose(program.maps, 0);
      const values = input.subarray(0, warmPlanes * 4 * program.inputPlane);
      const gradients = cutGradient.subarray(0, warmPlanes * program.cutPlane);
      values.forEach((_, k) => {
        values[k] = (k * 0.618) % 1;
      });
      gradients.fill(1);
      for (let round = 0; round < warmRounds; round++) {
        runForward(warmPlanes, input);
        if (program.relevance) runRelevance(warmPlanes, values, program.relevance);
        else runBackward(warmPlanes);
      }
      values.fill(0);
      gradients.fill(0);
    },
    release: () => compute.release(),
  };
}
