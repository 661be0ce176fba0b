// What the machine can do, and what else it does: times mean little without both.
import { readdirSync, readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { tensor } from "@voxplain/core";
import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { summary, timed } from "./measurement.mjs";
import { sizes } from "./sizes.mjs";

export async function machine() {
  return {
    processor: `${cpus().length} × ${cpus()[0].model}`,
    gibibytes: Math.round(totalmem() / 2 ** 30),
    copyGigabytesPerSecond: copySpeed(),
    gigaflops: await multiplicationSpeed(),
  };
}

/** Where other programs take more of the processors, a ratio is not kept: threads that wait for each other suffer most. */
export const mostTaken = 0.1;

/**
 * Watches what other programs take of the processors until the returned function is called: their share of all
 * processor time, and the processes that wanted a processor before (mean of the last minute). What the benchmark and the
 * programs that it starts use does not count; what a virtual machine's host takes does. Linux only: elsewhere the share
 * is that of all programs in a quiet second before and after.
 */
export async function watchLoad() {
  const [lastMinute] = loadavg();
  const start = processorTimes();
  const before = start.own === undefined ? await busyNow() : undefined;
  return async () => {
    if (before !== undefined) return { lastMinute, others: Math.max(before, await busyNow()) };
    const end = processorTimes();
    const used = end.busy - start.busy - (end.own - start.own);
    return { lastMinute, others: Math.max(0, used / (end.all - start.all)) };
  };
}

/** The share of the processors that is busy in a second, after programs that have just ended are gone. */
async function busyNow() {
  await wait(2000);
  const before = processorTimes();
  await wait(1000);
  const after = processorTimes();
  return (after.busy - before.busy) / (after.all - before.all);
}

/** Times since the start of the machine, in ticks; `own` is that of this process and all below it, living or ended. */
function processorTimes() {
  try {
    const [, ...fields] = readFileSync("/proc/stat", "utf8").split("\n")[0].split(/ +/);
    // user, nice, system, idle, waiting for disks, interrupts of both kinds, taken by the host; what follows is counted in user.
    const times = fields.slice(0, 8).map(Number);
    const all = times.reduce((sum, time) => sum + time, 0);
    return { all, busy: all - times[3] - times[4], own: ownTime() };
  } catch {
    const times = cpus().map((cpu) => cpu.times);
    const all = times.flatMap(Object.values).reduce((sum, time) => sum + time, 0);
    return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) };
  }
}

function ownTime() {
  const processes = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .map(Number);
      // User and system, its own and that of ended children.
      processes.set(Number(pid), {
        parent: fields[1],
        time: fields[11] + fields[12] + fields[13] + fields[14],
      });
    } catch {
      // It has just ended.
    }
  }
  const isOwn = (pid) => pid === process.pid || (processes.has(pid) && isOwn(processes.get(pid).parent));
  let sum = 0;
  for (const [pid, { time }] of processes) if (isOwn(pid)) sum += time;
  return sum;
}

/** One thread copies 256 MB into memory that it has used before: median and range of GB/s. */
function copySpeed() {
  const from = new Uint8Array(2 ** 28).fill(1);
  const to = new Uint8Array(2 ** 28).fill(2);
  const speeds = Array.from({ length: 6 }, () => {
    const start = performance.now();
    to.set(from);
    return from.length / 1e6 / (performance.now() - start);
  });
  return summary(speeds.slice(1));
}

/** ONNX Runtime multiplies float32 matrices of 1024 × 1024 on as many threads as the benchmark uses: GFLOP/s. */
async function multiplicationSpeed() {
  const size = 1024;
  const dims = [size, size];
  const graph = graphBuilder("product");
  const product = graph.add("MatMul", [graph.input("a", "float32", dims), graph.input("b", "float32", dims)]);
  graph.output(product, "float32", dims);
  const runtime = nodeRuntime({ executionProvider: "cpu", threads: sizes.threads });
  const session = await runtime.createSession(await encodeModel(modelOf(graph.build())));
  const values = Float32Array.from({ length: size * size }, (_, k) => (k % 7) / 7);
  const feeds = { a: tensor("float32", dims, values), b: tensor("float32", dims, values.slice()) };
  const speeds = [];
  for (let round = 0; round < 7; round++) {
    const milliseconds = await timed(() => session.run(feeds));
    if (round > 1) speeds.push((2 * size ** 3) / 1e6 / milliseconds);
  }
  await session.release();
  return summary(speeds);
}
