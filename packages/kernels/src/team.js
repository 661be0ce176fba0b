import { buildId } from "./build-id.js";
import { instantiate, kernelNames } from "./wasm-module.js";

/** @typedef {import("./block-kernels.ts").KernelHelp} KernelHelp */
/** @typedef {import("./program.ts").KernelName} KernelName */
/** @typedef {import("./wasm-module.js").Kernels} Kernels */
/**
 * Computes a kernel on all planes.
 * @typedef {{ run(kernel: KernelName, record: number, planes: number): void, release(): void }} Team
 */

// Int32 places in `control`. TURN: the number of the call times 256, plus the parts not yet taken; DONE: parts computed;
// ENDED: helpers that will compute nothing more.
const [TURN, DONE, KERNEL, RECORD, SCRATCH, SCRATCH_BYTES, PARTS, ENDED, CUTS] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const STOP = -1;
const millisecondsBetweenLooks = 200;
export const controlBytes = 4 * (CUTS + 256);

/**
 * Files of another build may have come in the place of those that were loaded first, by an update while the program runs, or by a build that is
 * not whole. What one lays out in memory the other would misread.
 * @param {string | undefined} build
 */
export function checkBuild(build) {
  if (build !== buildId)
    throw new Error("the files of @voxplain/kernels are of different builds: install or build it again");
}

/**
 * @param {Kernels} kernels @param {KernelName} name @param {number} record @param {number} scratch @param {number} from @param {number} to
 */
function compute(kernels, name, record, scratch, from, to) {
  try {
    kernels[name](record, scratch, from, to);
  } catch (error) {
    throw new Error(`the kernel ${name} failed: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

/**
 * Takes one part of the call of which `word` is the state; false where another thread was faster.
 * @param {Int32Array} control
 * @param {number} word
 * @param {Kernels} kernels
 * @param {number} thread
 */
function takePart(control, word, kernels, thread) {
  const [kernel, record, parts] = [control[KERNEL] ?? 0, control[RECORD] ?? 0, control[PARTS] ?? 0];
  const scratch = (control[SCRATCH] ?? 0) + thread * (control[SCRATCH_BYTES] ?? 0);
  // What was read may be of the next call by now; then this fails.
  if (Atomics.compareExchange(control, TURN, word, word - 1) !== word) return false;
  const part = parts - (word & 255);
  const [from, to] = [control[CUTS + part] ?? 0, control[CUTS + part + 1] ?? 0];
  const name = kernelNames[kernel];
  if (name && to > from) compute(kernels, name, record, scratch, from, to);
  Atomics.add(control, DONE, 1);
  return true;
}

/**
 * Computes parts of the kernels of another thread until that one releases them: blocks this thread.
 * @param {KernelHelp} help
 */
export function helpKernels({ module, memory, control, thread, build }) {
  try {
    checkBuild(build);
    const kernels = instantiate(module, memory);
    const state = new Int32Array(control);
    for (;;) {
      const word = Atomics.load(state, TURN);
      if (word === STOP) return;
      if ((word & 255) === 0) Atomics.wait(state, TURN, word);
      else if (takePart(state, word, kernels, thread)) Atomics.notify(state, DONE);
    }
  } finally {
    helperEnded(control);
  }
}

/**
 * Lets the thread that waits for the part of a helper know that the helper has ended: it fails then, and does not wait for ever. Whoever
 * started a helper calls it when that ends in any other way than by returning.
 * @param {SharedArrayBuffer} control
 */
export function helperEnded(control) {
  const state = new Int32Array(control);
  Atomics.add(state, ENDED, 1);
  Atomics.notify(state, DONE);
}

/**
 * Shares of the planes, one part of each for every thread: large parts first, so that a thread whose core has other work takes fewer.
 * A part of a gradient computes one more plane than its own.
 */
const shares = { forward: [0.6, 0.24, 0.16], gradient: [0.6, 0.4] };

/**
 * Ends of the parts: [0, …, planes].
 * @param {number} planes
 * @param {number} threads
 * @param {boolean} gradient
 */
function cutPlanes(planes, threads, gradient) {
  const sizes = (gradient ? shares.gradient : shares.forward).flatMap((share) =>
    Array.from({ length: threads }, () => share / threads),
  );
  let sum = 0;
  const ends = sizes.map((size) => {
    sum += size;
    return Math.round(sum * planes);
  });
  return [0, ...ends.slice(0, -1), planes];
}

/**
 * One thread alone.
 * @param {Kernels} kernels
 * @param {number} scratch - Address of its scratch memory.
 * @returns {Team}
 */
export function soloTeam(kernels, scratch) {
  return {
    run: (kernel, record, planes) => compute(kernels, kernel, record, scratch, 0, planes),
    release: () => {},
  };
}

/**
 * This thread and helpers that call {@link helpKernels} with the same module, memory and control.
 * @param {Kernels} kernels
 * @param {SharedArrayBuffer} control
 * @param {number} threads
 * @param {number} scratch - Address of the first thread's scratch memory; that of each other thread follows the one before.
 * @param {number} scratchBytes - Bytes of each thread's scratch memory.
 * @returns {Team}
 */
export function helpedTeam(kernels, control, threads, scratch, scratchBytes) {
  const state = new Int32Array(control);
  let turn = 0;
  /** @type {unknown} After a failure other threads may still compute parts of that call, which the next one would count as its own. */
  let failure;

  /** @param {KernelName} kernel @param {number} record @param {number} planes */
  function computeParts(kernel, record, planes) {
    const cuts = cutPlanes(planes, threads, /gradient/i.test(kernel));
    const parts = cuts.length - 1;
    state.set(cuts, CUTS);
    state[KERNEL] = kernelNames.indexOf(kernel);
    state[RECORD] = record;
    state[SCRATCH] = scratch;
    state[SCRATCH_BYTES] = scratchBytes;
    state[PARTS] = parts;
    Atomics.store(state, DONE, 0);
    turn = (turn + 1) % 2 ** 22;
    Atomics.store(state, TURN, turn * 256 + parts);
    Atomics.notify(state, TURN);
    for (let word = Atomics.load(state, TURN); (word & 255) !== 0; word = Atomics.load(state, TURN)) {
      takePart(state, word, kernels, 0);
    }
    for (let done = Atomics.load(state, DONE); done < parts; done = Atomics.load(state, DONE)) {
      if (Atomics.load(state, ENDED) > 0) throw new Error("a thread that helps the kernels has ended");
      // A helper may end between the two looks.
      Atomics.wait(state, DONE, done, millisecondsBetweenLooks);
    }
  }

  return {
    run(kernel, record, planes) {
      if (failure !== undefined) throw failure;
      try {
        computeParts(kernel, record, planes);
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    release() {
      Atomics.store(state, TURN, STOP);
      Atomics.notify(state, TURN);
    },
  };
}
