// node bench/run.mjs [gradient] [whole] [integrated] [patches] [memory] [start] [web] [--json FILE]: all of them where none is named.
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { whyNot } from "./python.mjs";
import { table } from "./statistics.mjs";

const args = process.argv.slice(2);
const json = args.includes("--json") ? args.splice(args.indexOf("--json"), 2)[1] : undefined;
const wanted = (name) => args.length === 0 || args.includes(name);

const { integrated, start, memory, wholeProcess } = await import("./whole-process.mjs");
const results = {
  machine: `${cpus().length} × ${cpus()[0].model}`,
  machineMemory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
};
const rows = [["measurement", "voxplain", "PyTorch", "ratio"]];
const number = (value, digits = 0) => value.toFixed(digits);

const seconds = (runs) => `${runs.map((run) => number(run.seconds, 1)).join(", ")} s`;
const peak = (runs) => `${number(Math.max(...runs.map((run) => run.megabytes)))} MB`;

const telling = (what) => console.error(`measuring ${what} …`);

if (wanted("start")) {
  telling("start");
  results.start = await start();
  rows.push(["voxplain --help beyond node -e 0", `${number(results.start.extraMilliseconds)} ms`, "", ""]);
}
const reason = whyNot();
if (reason !== undefined) console.log(`not compared with PyTorch: ${reason}`);
else {
  if (wanted("gradient")) {
    telling("gradient");
    const { gradient } = await import("./gradient.mjs");
    results.gradient = await gradient();
    const [ours, theirs] = results.gradient.medians;
    rows.push([
      "gradient, 169×208×179",
      `${number(ours)} ms`,
      `${number(theirs)} ms`,
      number(results.gradient.ratio, 2),
    ]);
  }
  if (wanted("whole")) {
    telling("whole");
    results.whole = await wholeProcess();
    const { ours, theirs, ratio } = results.whole;
    rows.push(["interpret group, 8 sessions", seconds(ours), seconds(theirs), number(ratio, 2)]);
    rows.push(["its peak memory", peak(ours), peak(theirs), ""]);
  }
  if (wanted("integrated")) {
    telling("integrated");
    results.integrated = await integrated();
    const { ours, theirs, single, ratio } = results.integrated;
    rows.push(["integrated gradients, 32 steps", seconds(ours), seconds(theirs), number(ratio, 2)]);
    rows.push(["its peak memory", peak(ours), peak(theirs), ""]);
    rows.push(["peak memory of a single gradient", peak([single]), "", ""]);
  }
  if (wanted("patches")) {
    telling("patches");
    const { patches } = await import("./patches.mjs");
    results.patches = await patches();
    const { ours, theirs, theirsEach, ratio, ratioEach, difference } = results.patches;
    const what = `interpret group, 8 × 36 patches (maps differ by ${difference.toExponential(1)})`;
    rows.push([what, seconds(ours), seconds(theirs), number(ratio, 2)]);
    rows.push(["… PyTorch reading the image for each patch", "", seconds(theirsEach), number(ratioEach, 2)]);
  }
  if (wanted("memory")) {
    telling("memory");
    results.memory = await memory();
    for (const [size, { megabytes }] of Object.entries(results.memory)) {
      rows.push([`peak memory, ${size} sessions`, `${number(megabytes)} MB`, "", ""]);
    }
  }
}
if (reason === undefined && wanted("web")) {
  telling("web");
  const { web } = await import("./web.mjs");
  results.web = await web();
  const { medians, ratio, megabytes } = results.web;
  rows.push([
    "gradient in Chromium (WebAssembly), in Node",
    medians.map((time) => `${number(time)} ms`).join(", "),
    "",
    `${number(ratio, 2)} × Node`,
  ]);
  if (megabytes) rows.push(["peak memory of Chromium's largest process", `${number(megabytes)} MB`, "", ""]);
}
console.log(table(rows));
if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`);
