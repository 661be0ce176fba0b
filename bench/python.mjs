// The Python that has PyTorch, where there is one.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const python = process.env.VOXPLAIN_BENCH_PYTHON ?? "/usr/bin/python3";
export const script = (name) => fileURLToPath(new URL(name, import.meta.url));

/** glibc keeps freed pages: PyTorch asks for new memory at each layer, and fresh pages cost it up to nine tenths of its time. */
export const keepsPages = {
  MALLOC_MMAP_MAX_: "0",
  MALLOC_TRIM_THRESHOLD_: "17179869184",
  MALLOC_TOP_PAD_: "1073741824",
};

/** Why PyTorch cannot be compared with; undefined where it can. */
export function whyNot() {
  const { status } = spawnSync(python, ["-c", "import torch, nibabel, pandas, matplotlib"], {
    stdio: "ignore",
  });
  return status === 0
    ? undefined
    : `${python} lacks one of torch, nibabel, pandas and matplotlib (Debian: python3-torch python3-nibabel python3-pandas python3-matplotlib)`;
}

/** A Python program that answers each question line with one line. */
export function ask(name, args) {
  const child = spawn(python, [script(name), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...keepsPages },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  return {
    next,
    async answer() {
      child.stdin.write("\n");
      return Number(await next());
    },
    end: () => child.stdin.end(),
  };
}
