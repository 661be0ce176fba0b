import { wasmBase64 } from "./wasm-bytes.js";

/** @typedef {import("./program.ts").KernelName} KernelName */
/**
 * A kernel, on the planes from `from` to `to` of a block whose record is at `record`.
 * @typedef {(record: number, scratch: number, from: number, to: number) => void} Kernel
 */
/** @typedef {Readonly<Record<KernelName, Kernel>> & { recordBytes(): number, partBytes(): number, shareBytes(): number, rayBytes(): number }} Kernels */

/**
 * The kernels of `assembly/`, in the order by which threads name them.
 * @type {readonly KernelName[]}
 */
export const kernelNames = [
  "largest",
  "winogradOne",
  "winogradMany",
  "direct",
  "plain",
  "gradientOne",
  "gradientMany",
  "directGradient",
  "scatterGradient",
  "plainGradient",
  "rectify",
  "letThrough",
  "compareRows",
  "shareRelevance",
  "weighRelevance",
  "scaleMaxima",
  "addToSums",
  "roundSums",
];

/**
 * What stands in front of the limits of the imported memory: "env", "memory" and the kind of the import. The limits begin with 1 for memory
 * of one thread, 3 for shared memory. The kernels have no atomic instructions, so that one module serves both.
 */
const limitsBehind = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2];

/**
 * Compiles the kernels for memory that threads share, or for one's own.
 * @param {boolean} shared
 */
export function compileModule(shared) {
  const bytes = Uint8Array.from(atob(wasmBase64), (character) => character.charCodeAt(0));
  const start = bytes.findIndex((_, k) => limitsBehind.every((byte, i) => bytes[k + i] === byte));
  bytes[start + limitsBehind.length] = shared ? 3 : 1;
  return new WebAssembly.Module(bytes);
}

/** Largest memory, in pages of 64 kB, that the module accepts. */
export const maximumPages = 65_536;

/**
 * @param {WebAssembly.Module} module
 * @param {WebAssembly.Memory} memory
 */
export const instantiate = (module, memory) =>
  /** @type {Kernels} */ (
    /** @type {unknown} */ (new WebAssembly.Instance(module, { env: { memory } }).exports)
  );
