// node bench/run.mjs [NAME …] [--release NAME] [--tiny]: all measurements where none is named. With --release each of them
// takes its place in bench/results/speed/NAME.json as soon as it is done, beside those that are there already.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
const { machine, mostTaken, watchLoad } = await import("./machine.mjs");

// Where each is, in the order in which they run: what the documentation states first comes first, for a run that is ended early.
const files = {
  ...{ gradient: "./gradient.mjs", oneCore: "./gradient.mjs", wholeProcess: "./whole-process.mjs" },
  ...{ profile: "./profile.mjs", busyNeighbour: "./gradient.mjs" },
  ...{ integrated: "./whole-process.mjs", patches: "./patches.mjs" },
  ...{
    memory: "./whole-process.mjs",
    web: "./web.mjs",
    start: "./whole-process.mjs",
    opening: "./opening.mjs",
  },
  ...{ slices: "./gradient.mjs", occlusion: "./whole-process.mjs", scale: "./scale.mjs" },
  ...{ scaleParts: "./scale.mjs", manySessions: "./whole-process.mjs" },
};
/** Those that need no Python, not even to make their images. */
const alone = ["start", "opening"];
const unknown = names.filter((name) => !(name in files));
if (unknown.length > 0) throw new Error(`nothing is called ${unknown}: expected ${Object.keys(files)}`);
const chosen = Object.keys(files).filter((name) => names.length === 0 || names.includes(name));

const pytorch = chosen.some((name) => !alone.includes(name))
  ? (await import("./pytorch.mjs")).pytorch
  : undefined;
if (pytorch !== undefined) {
  const { version, program, whyNot, newestServed, newestKnown, isCurrent } = pytorch;
  console.log(whyNot ? `not compared with PyTorch: ${whyNot}` : `PyTorch ${version} (${program})`);
  const served = newestServed ? `${newestServed}` : "none, no index answers";
  console.log(
    `the newest that the index serves: ${served}; that is known: ${newestKnown.version} of ${newestKnown.date}`,
  );
  if (!whyNot && !isCurrent) console.log("its ratios are not kept: a newer PyTorch may be faster");
}

const facts = { version: version(), node: process.version, machine: await machine() };
const number = (value) => (value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0));
const ranged = ({ median, least, most }) => `${number(median)} (${number(least)} to ${number(most)})`;
const { processor, gibibytes, copyGigabytesPerSecond, gigaflops } = facts.machine;
console.log(`Voxplain ${facts.version}, Node ${process.version}, ${processor}, ${gibibytes} GiB`);
console.log(`copies ${ranged(copyGigabytesPerSecond)} GB/s, multiplies ${ranged(gigaflops)} GFLOP/s\n`);

for (const name of chosen) {
  if (!alone.includes(name) && pytorch.whyNot !== undefined) continue;
  console.error(`measuring ${name} …`);
  const [start, loadSince] = [performance.now(), await watchLoad()];
  let load;
  const stopWatching = async () => {
    load ??= await loadSince();
  };
  const measured = await attempt(name, stopWatching);
  await stopWatching();
  if (measured === undefined) continue;
  const seconds = Math.round((performance.now() - start) / 1000);
  show(measured, load, seconds);
  keep(name, measured, load, seconds);
}

/**
 * The rows of a measurement; undefined, and exit status 1, where it fails: the others are still measured. One that ends programs
 * by force calls `stopWatching` before: their processor time would count as that of other programs.
 */
async function attempt(name, stopWatching) {
  try {
    return await (await import(files[name]))[name](stopWatching);
  } catch (error) {
    console.error(`${name} failed:`, error);
    process.exitCode = 1;
    return undefined;
  }
}

function keep(name, measured, load, seconds) {
  if (options.release === undefined) return;
  const folder = new URL("results/speed/", import.meta.url);
  const file = new URL(`${options.release}.json`, folder);
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).measurements : {};
  const isFair = pytorch?.isCurrent && load.others <= mostTaken;
  const rows = measured.map(({ ratios, ...row }) => ({ ...row, ...(isFair && ratios && { ratios }) }));
  const compared = rows.some(({ settings }) => settings);
  const { program: _, ...opponent } = pytorch ?? {};
  const date = new Date().toISOString().slice(0, 16);
  const entry = { date, ...facts, load, seconds, ...(compared && { pytorch: opponent }), rows };
  const all = { ...before, [name]: entry };
  const measurements = Object.fromEntries(
    Object.keys(files).flatMap((key) => (all[key] ? [[key, all[key]]] : [])),
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ release: options.release, measurements }, undefined, 2)}\n`);
}

function show(rows, { lastMinute, others }, seconds) {
  const lines = [["", "program", "median (range)", ""]];
  for (const { what, unit, programs, ratios, timesNode } of rows) {
    for (const [place, [program, values]] of Object.entries(programs).entries()) {
      const other = ratios?.[program] ? `${ranged(ratios[program])} × ours` : "";
      const node = timesNode && program === "Chromium" ? `${ranged(timesNode)} × Node` : other;
      lines.push([place === 0 ? what : "", program, `${ranged(summary(values))} ${unit}`, node]);
    }
  }
  console.log(table(lines));
  for (const { what, unit, settings, tried } of rows.filter((row) => row.tried)) {
    console.log(`PyTorch's settings, tried for: ${what}`);
    for (const [name, value] of Object.entries(tried)) {
      const [program, setting] = name.split(": ");
      console.log(`  ${settings[program] === setting ? "*" : " "} ${name}: ${number(value)} ${unit}`);
    }
  }
  const noisy = others <= mostTaken ? "" : ": too busy for ratios that are kept";
  const share = `other programs took ${number(100 * others)} % of the processors${noisy}`;
  console.log(`${seconds} s; load before ${number(lastMinute)}; ${share}\n`);
}

/** Version of the command, with the commit in a checkout. */
function version() {
  const { version } = JSON.parse(
    readFileSync(new URL("../packages/cli/package.json", import.meta.url), "utf8"),
  );
  try {
    const git = (...args) =>
      execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8", stdio: "pipe" });
    return `${version} (${git("rev-parse", "--short", "HEAD").trim()})`;
  } catch {
    return version;
  }
}
