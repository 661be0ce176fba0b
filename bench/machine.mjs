// What the machine can do, and what else it does: times mean little without both.
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

/** A machine that is busier before or after a measurement gives no ratio: threads that wait for each other suffer most. */
export const mostBusy = 0.25;

/** Processes that want a processor (mean of a minute), and the share of the processors that is busy in the next second. */
export async function load() {
  const before = processorTimes();
  await wait(1000);
  const after = processorTimes();
  const [lastMinute] = loadavg();
  return { lastMinute, busy: (after.busy - before.busy) / (after.all - before.all) };
}

function processorTimes() {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const sum = Object.values(times).reduce((total, time) => total + time, 0);
    all += sum;
    busy += sum - times.idle;
  }
  return { busy, all };
}

/** One thread copies 256 MB into memory that it has used before: median and range of GB/s. */
function copySpeed() {
  const from = new Uint8Array(2 ** 28).fill(1);
  const to = new Uint8Array(2 ** 28).fill(2);
  const speeds = Array.from({ length: 5 }, () => {
    const start = performance.now();
    to.set(from);
    return from.length / 1e6 / (performance.now() - start);
  });
  return summary(speeds);
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
