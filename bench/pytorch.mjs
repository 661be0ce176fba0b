// The settings in which PyTorch may be fastest, and its programs.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findPytorch } from "./python-environment.mjs";
import { isTiny, sizes } from "./sizes.mjs";

/** Which PyTorch is measured. */
export const pytorch = findPytorch();

const script = (name) => fileURLToPath(new URL(name, import.meta.url));

/** glibc keeps freed pages: PyTorch asks for new memory at each layer, and fresh pages cost it up to nine tenths of its time. */
const keepsPages = {
  MALLOC_MMAP_MAX_: "0",
  MALLOC_TRIM_THRESHOLD_: "17179869184",
  MALLOC_TOP_PAD_: "1073741824",
};

const layouts = { plain: {}, channels_last: { VOXPLAIN_BENCH_LAYOUT: "channels_last" } };
const allocators = { "pages given back": {}, "pages kept": keepsPages };
/** The network as it was trained, and as an expert would write it anew for speed (see `networks.py`). */
const opponents = { PyTorch: {}, "PyTorch, rewritten": { VOXPLAIN_BENCH_REWRITTEN: "1" } };

/** Memory layouts and allocators with their environment variables. */
const all = Object.entries(layouts).flatMap(([layout, first]) =>
  Object.entries(allocators).map(([allocator, second]) => ({
    setting: `${layout}, ${allocator}`,
    env: { ...first, ...second },
  })),
);
const settings = isTiny ? [all.at(-1)] : all;

/**
 * Tries each setting of each opponent once: the fastest of each opponent with its environment variables, and the values
 * of all. `measure` gets the environment of a Python program.
 */
export async function fastestSettings(measure, threads = sizes.threads) {
  const [tried, fastest] = [{}, {}];
  for (const [program, own] of Object.entries(opponents)) {
    for (const { setting, env } of settings) {
      const value = await measure(pythonEnvironment({ ...env, ...own }, threads));
      tried[`${program}: ${setting}`] = value;
      if (fastest[program] === undefined || value < fastest[program].value)
        fastest[program] = { setting, value, env: pythonEnvironment({ ...env, ...own }, threads) };
    }
  }
  return { fastest, tried };
}

/** The stronger of the opponents alone. */
export function strongest({ fastest, tried }) {
  const [first] = Object.entries(fastest).sort(([, a], [, b]) => a.value - b.value);
  return { fastest: Object.fromEntries([first]), tried };
}

function pythonEnvironment(setting, threads) {
  const env = { ...process.env, VOXPLAIN_BENCH_THREADS: String(threads), ...setting };
  // Kernels that somebody chose for an old OpenBLAS would slow down a current numpy.
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  return env;
}

/** The program and its arguments that run a script. */
export const pythonCommand = (name, args) => [pytorch.program, [script(name), ...args]];

/** Runs a script that makes what is measured. */
export function make(name, args) {
  const { status } = spawnSync(...pythonCommand(name, args), { stdio: "inherit" });
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
}

/** A Python program that answers each question line with one line. */
export function ask(name, args, env) {
  const child = spawn(...pythonCommand(name, args), { stdio: ["pipe", "pipe", "inherit"], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async answer() {
      child.stdin.write("\n");
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ended`);
      return Number(value);
    },
    end: () => child.stdin.end(),
  };
}
