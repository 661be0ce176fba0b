import { readFileSync } from "node:fs";
import { VoxplainError } from "@voxplain/core";

/** Files that a command has open at once: those of the program while it starts, then a few for each thread. */
const openFiles = 64;

/** Bytes of addresses that Node and ONNX Runtime take with the smallest network. */
const addresses = 3e9;

/** Those that Node and the library of pictures take. */
const addressesOfPictures = 2e9;

/** WebAssembly keeps this many addresses free around each memory, and each thread that computes alone has two memories. */
const addressesOfKernels = 11e9;

/**
 * Refuses limits under which the program would end in the middle.
 * @throws VoxplainError `io-failure`.
 */
export function refuseOpenFiles(limit = limitOf("Max open files")): void {
  if (limit >= openFiles) return;
  throw new VoxplainError("io-failure", "too few files may be open at once", {
    ...{ expected: `at least ${openFiles}`, found: String(limit), hint: "raise the limit (ulimit -n)" },
  });
}

/**
 * Looks whether what computes gets the addresses that it needs. Native code that does not get them ends the program at once.
 * @returns Why kernels cannot compute here; undefined where they can.
 * @throws VoxplainError `io-failure` where nothing can.
 */
export function refuseAddressSpace(
  threads: number,
  limit = limitOf("Max address space"),
): string | undefined {
  if (limit < addresses) throw tooSmall("compute in", addresses, limit);
  if (limit >= addresses + (threads + 1) * addressesOfKernels || isWithoutGuards()) return undefined;
  return (
    `the address space is limited to ${gigabytes(limit)}: ONNX Runtime computes the whole network, which is slower than with kernels; ` +
    "they need little of it with NODE_OPTIONS=--disable-wasm-trap-handler"
  );
}

/**
 * Refuses an address space in which pictures cannot be drawn: native code would end the program, or not be found.
 * @throws VoxplainError `io-failure`.
 */
export function refusePictureSpace(limit = limitOf("Max address space")): void {
  if (limit < addressesOfPictures) throw tooSmall("draw pictures", addressesOfPictures, limit);
}

function tooSmall(purpose: string, least: number, limit: number): VoxplainError {
  return new VoxplainError("io-failure", `the address space is too small to ${purpose}`, {
    ...{ expected: `at least ${gigabytes(least)}`, found: gigabytes(limit) },
    hint: "raise the limit (ulimit -v; h_vmem on Grid Engine)",
  });
}

function isWithoutGuards(): boolean {
  const options = [process.env.NODE_OPTIONS ?? "", ...process.execArgv];
  return options.some((text) => text.includes("--disable-wasm-trap-handler"));
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Infinity where there is none, or the system does not say. */
function limitOf(name: string): number {
  try {
    const [line = ""] = readFileSync("/proc/self/limits", "utf8")
      .split("\n")
      .filter((one) => one.startsWith(name));
    const [soft = ""] = line.slice(name.length).trim().split(/\s+/);
    return /^\d+$/.test(soft) ? Number(soft) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
