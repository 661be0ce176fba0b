// node bench/run.mjs [NAME …] [--release NAME] [--tiny]: all measurements where none is named; the result is in
// bench/results/speed/NAME.json if a release is named.
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { summary } from "./measurement.mjs";
import { table } from "./statistics.mjs";

const { values: options, positionals: names } = parseArgs({
  options: { release: { type: "string" }, tiny: { type: "boolean" } },
  allowPositionals: true,
});
if (options.tiny) {
  if (options.release !== undefined) throw new Error("--tiny measures nothing that a release could keep");
  process.env.VOXPLAIN_BENCH_TINY = "1";
}
const pytorch = await import("./pytorch.mjs");
const { load, machine, mostBusy } = await import("./machine.mjs");

// Where each is; those of the first list need no Python, not even to make their images.
const alone = { start: "./whole-process.mjs", opening: "./opening.mjs" };
const beside = {
  ...{ gradient: "./gradient.mjs", oneCore: "./gradient.mjs", busyNeighbour: "./gradient.mjs" },
  ...{ slices: "./gradient.mjs", wholeProcess: "./whole-process.mjs", patches: "./patches.mjs" },
  ...{ integrated: "./whole-process.mjs", occlusion: "./whole-process.mjs", memory: "./whole-process.mjs" },
  web: "./web.mjs",
};
const unknown = names.filter((name) => !(name in alone || name in beside));
if (unknown.length > 0) {
  throw new Error(`nothing is called ${unknown}: expected ${Object.keys({ ...alone, ...beside })}`);
}

const { newestKnown, python, torchVersion, whyNot } = pytorch;
const published = torchVersion !== undefined && pytorch.isCurrent(torchVersion);
if (whyNot !== undefined) console.log(`not compared with PyTorch: ${whyNot}`);
else
  console.log(
    `PyTorch ${torchVersion} (${python}); the newest known is ${newestKnown.version} of ${newestKnown.date}`,
  );
if (whyNot === undefined && !published) console.log("its ratios are not kept: a newer PyTorch may be faster");

const results = {
  release: options.release,
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  machine: await machine(),
  pytorch: torchVersion && { version: torchVersion, newestKnown, isCurrent: published },
  measurements: {},
};
const number = (value) => (value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0));
const ranged = ({ median, least, most }) => `${number(median)} (${number(least)} to ${number(most)})`;
const { processor, gibibytes, copyGigabytesPerSecond, gigaflops } = results.machine;
console.log(`${processor}, ${gibibytes} GiB, Node ${process.version}`);
console.log(`copies ${ranged(copyGigabytesPerSecond)} GB/s, multiplies ${ranged(gigaflops)} GFLOP/s\n`);

for (const [name, file] of Object.entries({ ...alone, ...(whyNot === undefined && beside) })) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.error(`measuring ${name} …`);
  const before = await load();
  const rows = await (await import(file))[name]();
  const loads = { before, after: await load() };
  show(rows, loads);
  results.measurements[name] = rows.map(({ ratio, ...row }) => ({
    ...row,
    ...(published && isQuiet(loads) && ratio && { ratio }),
    load: loads,
  }));
}
if (options.release !== undefined) {
  const folder = new URL("results/speed/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${options.release}.json`, folder), `${JSON.stringify(results, undefined, 2)}\n`);
}

function isQuiet({ before, after }) {
  return Math.max(before.busy, after.busy) <= mostBusy;
}

function show(rows, { before, after }) {
  const lines = [["", "program", "median (range)", ""]];
  for (const { what, unit, programs, ratio, timesNode } of rows) {
    for (const [place, [program, values]] of Object.entries(programs).entries()) {
      const other = ratio && program === "PyTorch" ? `${ranged(ratio)} × ours` : "";
      const node = timesNode && program === "Chromium" ? `${ranged(timesNode)} × Node` : other;
      lines.push([place === 0 ? what : "", program, `${ranged(summary(values))} ${unit}`, node]);
    }
  }
  console.log(table(lines));
  for (const { what, unit, setting, tried } of rows.filter((row) => row.tried)) {
    console.log(`PyTorch's settings, tried for: ${what}`);
    for (const [name, value] of Object.entries(tried)) {
      console.log(`  ${name === setting ? "*" : " "} ${name}: ${number(value)} ${unit}`);
    }
  }
  const text = ({ lastMinute, busy }) => `${number(lastMinute)} (${number(100 * busy)} % busy)`;
  const noisy = isQuiet({ before, after }) ? "" : ": too busy for ratios that are kept";
  console.log(`load before ${text(before)}, after ${text(after)}${noisy}\n`);
}
