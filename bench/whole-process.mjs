// `voxplain interpret group` from start to end, and a PyTorch script that loads, explains and writes the same.
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cohort } from "./cohort.mjs";
import { keepsPages, python, script } from "./python.mjs";
import { median } from "./statistics.mjs";

const bin = fileURLToPath(new URL("../packages/cli/bin/voxplain.js", import.meta.url));

/** Seconds and peak memory (MB, all threads; the operating system's VmHWM) of one process. */
export function measure(program, args) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const env = program === python ? { ...process.env, ...keepsPages } : process.env;
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env });
    let errors = "";
    let peak = 0;
    child.stderr.on("data", (data) => {
      errors += data;
    });
    // VmHWM only grows: the last look before the end misses at most what comes in a tenth of a second.
    const watch = setInterval(() => {
      peak = Math.max(peak, peakMemory(child.pid));
    }, 50);
    child.on("exit", (status) => {
      clearInterval(watch);
      const seconds = (performance.now() - start) / 1000;
      if (status === 0) resolve({ seconds, megabytes: peak });
      else reject(new Error(`${program} ${args.join(" ")} ended with ${status}\n${errors}`));
    });
  });
}

function peakMemory(pid) {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line === null ? 0 : Number(line[1]) / 1024;
  } catch {
    return 0;
  }
}

export function interpretGroup(folder, output, options = []) {
  return measure(process.execPath, [
    ...[bin, "interpret", "group", `${folder}/model`, "bench", "--use_cpu", "--overwrite"],
    ...["--output_dir", output, ...options],
  ]);
}

export async function wholeProcess({ rounds = 3 } = {}) {
  const folder = cohort(8);
  const output = join(tmpdir(), "voxplain-bench-output");
  const ours = [];
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await interpretGroup(folder, join(output, "ours")));
    theirs.push(await measure(python, [script("pytorch_interpret.py"), folder, join(output, "theirs")]));
  }
  rmSync(output, { recursive: true });
  const ratios = theirs.map(({ seconds }, k) => seconds / ours[k].seconds);
  return { ours, theirs, ratio: median(ratios) };
}

/** Integrated gradients of one session, and the peak memory next to that of a single gradient. */
export async function integrated({ rounds = 2, steps = 32 } = {}) {
  const folder = cohort(1);
  const output = join(tmpdir(), "voxplain-bench-output");
  const options = ["--method", "integrated-gradients", "--method_options", `steps=${steps}`];
  const ours = [];
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await interpretGroup(folder, join(output, "ours"), options));
    const argv = [script("pytorch_integrated.py"), folder, join(output, "theirs"), String(steps)];
    theirs.push(await measure(python, argv));
  }
  const single = await interpretGroup(folder, join(output, "single"));
  rmSync(output, { recursive: true });
  const ratios = theirs.map(({ seconds }, k) => seconds / ours[k].seconds);
  return { ours, theirs, single, ratio: median(ratios) };
}

/** Peak memory for cohorts of two sizes: it should not depend on them. */
export async function memory({ sizes = [5, 50] } = {}) {
  const output = join(tmpdir(), "voxplain-bench-output");
  const result = {};
  for (const size of sizes) result[size] = await interpretGroup(cohort(size), output);
  rmSync(output, { recursive: true });
  return result;
}

/** Milliseconds of `voxplain --help` beyond those of an empty Node program. */
export async function start({ rounds = 15 } = {}) {
  const extra = [];
  for (let round = 0; round < rounds; round++) {
    const help = await measure(process.execPath, [bin, "--help"]);
    const nothing = await measure(process.execPath, ["-e", "0"]);
    extra.push(1000 * (help.seconds - nothing.seconds));
  }
  return { extraMilliseconds: median(extra) };
}
