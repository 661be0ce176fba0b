// node bench/group-analysis.mjs [--rows 120] [--times 5]: exact TFCE of one map of 1.5 M voxels (both sides, connectivity 6, one
// thread), and one relabelling of so many maps without TFCE. Wall-clock time beside the processor's, which other programs disturb less.
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { design, relabellings, startRelabellings, tfce } from "@voxplain/group-analysis";
import { head, normal, shape, smoothNoise, uniform } from "./head.mjs";
import { median, table } from "./statistics.mjs";

const { values } = parseArgs({
  options: { rows: { type: "string", default: "120" }, times: { type: "string", default: "5" } },
});
const [rows, times] = [Number(values.rows), Number(values.times)];

/** Milliseconds of wall clock and of the processor: medians. */
function measure(run) {
  const [wall, processor] = [[], []];
  for (let k = 0; k < times; k++) {
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    run();
    wall.push(performance.now() - start);
    const { user, system } = process.cpuUsage(cpu);
    processor.push((user + system) / 1000);
  }
  return [median(wall), median(processor)].map((value) => `${value.toFixed(0)} ms`);
}

const voxels = head();
const white = Float64Array.from(voxels, normal);
const noise = smoothNoise(8);
const picked = Float64Array.from(voxels, (index) => noise[index]);
const deviation = Math.sqrt(picked.reduce((sum, value) => sum + value * value, 0) / picked.length);
const smoothed = picked.map((value) => value / deviation);

const results = [["measurement", "wall clock", "processor"]];
for (const [name, map] of [
  ["white noise", white],
  ["noise of 8 mm FWHM", smoothed],
]) {
  results.push([`tfce, ${voxels.length} voxels, ${name}`, ...measure(() => tfce(map, shape, voxels))]);
}

const people = (group) => Array.from({ length: rows / 2 }, (_, k) => ({ participant: `${group}-${k}` }));
const plan = design({ a: people("a"), b: people("b") });
const data = new Float32Array(rows * voxels.length);
for (let row = 0, i = 0; row < rows; row++) {
  // The same noise, from elsewhere in each row.
  const start = Math.floor(uniform() * white.length);
  for (let v = 0; v < voxels.length; v++, i++) data[i] = white[(start + v) % white.length];
}
const task = {
  model: plan.model,
  relabellings: relabellings(plan, 1000),
  statistic: "t",
  alternative: "two-sided",
  matrix: { data, columns: voxels.length },
  shape,
  voxels,
  connectivity: 6,
  clusterThreshold: 3.4,
  regions: { data: new Float64Array(0), columns: 0 },
  keepRegions: false,
};
for (const [name, exponents] of [
  ["without TFCE", undefined],
  ["with TFCE", { E: 0.5, H: 2 }],
]) {
  const compute = startRelabellings({ ...task, tfce: exponents });
  results.push([`4 relabellings of ${rows} maps ${name}`, ...measure(() => compute(0, 4))]);
}
console.log(table(results));
