// Commands from start to end, and PyTorch scripts that load, explain and write the same.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cohort } from "./cohort.mjs";
import { compare, interleaved } from "./measurement.mjs";
import { fastestSettings, pythonCommand, strongest } from "./pytorch.mjs";
import { sizes } from "./sizes.mjs";

const bin = fileURLToPath(new URL("../packages/cli/bin/voxplain.js", import.meta.url));
/** Where the programs write. */
export const output = join(tmpdir(), "voxplain-bench-output");

/** Seconds, processor seconds and peak memory (MB, all threads; the operating system's VmHWM) of one process. */
export function measure(program, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env });
    let errors = "";
    let last = { megabytes: 0, processorSeconds: 0 };
    child.stderr.on("data", (data) => {
      errors += data;
    });
    // Both only grow: the last look before the end misses at most what comes in a twentieth of a second.
    const watch = setInterval(() => {
      last = used(child.pid) ?? last;
    }, 50);
    child.on("exit", (status) => {
      clearInterval(watch);
      const seconds = (performance.now() - start) / 1000;
      if (status === 0) resolve({ seconds, ...last });
      else reject(new Error(`${program} ${args.join(" ")} ended with ${status}\n${errors}`));
    });
  });
}

/** From Linux's /proc; undefined elsewhere. */
function used(pid) {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Linux counts processor time in hundredths of a second, user's and system's.
    return { megabytes: kilobytes / 1024, processorSeconds: (Number(fields[11]) + Number(fields[12])) / 100 };
  } catch {
    return undefined;
  }
}

/** The command on the CPU, as `measure` takes it. */
export const voxplain = (args) => [
  process.execPath,
  [bin, ...args, "--use_cpu", "--threads", String(sizes.threads)],
];

/** `voxplain interpret group` of a model folder, or another level of it. */
export function interpretGroup(model, options = [], level = "group") {
  const out = ["--overwrite", "--output_dir", join(output, "ours")];
  return measure(...voxplain(["interpret", level, model, "bench", ...out, ...options]));
}

/** A PyTorch script that writes into a folder of the output. */
export function pythonScript(name, folder, args, env) {
  return measure(...pythonCommand(name, [folder, join(output, "theirs"), ...args]), env);
}

/**
 * Seconds and peak memory of our program and PyTorch's in turn, in their fastest settings; `trial` is what the settings
 * are tried on, `chosen` takes fewer opponents. What they wrote can be looked at before it is removed.
 */
export async function compareProcesses(what, ours, theirs, options = {}) {
  const {
    trial = theirs,
    written = () => ({}),
    chosen = (tried) => tried,
    rounds = sizes.processes,
  } = options;
  const { fastest, tried } = chosen(await fastestSettings(async (env) => (await trial(env)).seconds));
  const others = Object.entries(fastest).map(([name, { env }]) => [name, () => theirs(env)]);
  const runs = await interleaved({ Voxplain: ours, ...Object.fromEntries(others) }, { rounds });
  const facts = written(join(output, "ours"), join(output, "theirs"));
  rmSync(output, { recursive: true });
  const of = (key) =>
    Object.fromEntries(Object.entries(runs).map(([program, all]) => [program, all.map((run) => run[key])]));
  const { threads } = sizes;
  return [
    { what, unit: "s", threads, ...compare(of("seconds"), fastest), tried, ...facts },
    { what: `peak memory: ${what}`, unit: "MB", threads, programs: of("megabytes") },
  ];
}

/** Gradients of a cohort; the settings of PyTorch are tried on one session. */
export function wholeProcess() {
  const folder = cohort(sizes.sessions);
  const theirs = (of) => (env) => pythonScript("pytorch_interpret.py", of, [], env);
  return compareProcesses(
    `interpret group, sessions: ${sizes.sessions}`,
    () => interpretGroup(`${folder}/model`),
    theirs(folder),
    { trial: theirs(cohort(1)) },
  );
}

/** Integrated gradients of one session, and the peak memory of a single gradient. */
export async function integrated() {
  const { steps } = sizes;
  const options = ["--method", "integrated-gradients", "--method_options", `steps=${steps}`];
  const rows = await manyPasses(
    `integrated gradients, ${steps} steps`,
    "integrated-gradients",
    steps,
    options,
    { rounds: sizes.longProcesses },
  );
  const single = await interpretGroup(`${cohort(1)}/model`);
  rmSync(output, { recursive: true });
  const programs = { Voxplain: [single.megabytes] };
  return [...rows, { what: "peak memory: a single gradient", unit: "MB", threads: sizes.threads, programs }];
}

/** Occlusion of one session by windows beside each other, once: the stronger PyTorch alone, which takes minutes. */
export function occlusion() {
  const { windowsPerAxis: count } = sizes;
  const once = { rounds: 1, chosen: strongest };
  return manyPasses(
    `occlusion, ${count ** 3} windows`,
    "occlusion",
    count,
    occlusionOptions(count ** 3),
    once,
  );
}

/** Options of occlusion by so many windows. */
export function occlusionOptions(windows) {
  const edges = [169, 208, 179].map((length) => Math.ceil(length / Math.cbrt(windows))).join(",");
  return ["--method", "occlusion", "--method_options", `window=${edges}`, `stride=${edges}`];
}

/** The settings of PyTorch are tried on few passes: two steps, or eight windows. */
function manyPasses(what, method, count, options, rest) {
  const folder = cohort(1);
  const passes = (number) => (env) =>
    pythonScript("pytorch_passes.py", folder, [method, String(number)], env);
  const ours = () => interpretGroup(`${folder}/model`, options);
  return compareProcesses(what, ours, passes(count), { trial: passes(2), ...rest });
}

/** Peak memory and seconds for cohorts of several sizes: memory should not depend on them. */
export const memory = () => memoryFor(sizes.cohorts);

/** The same for one large cohort, which takes minutes. */
export const manySessions = () => memoryFor([sizes.manySessions]);

/** All cohorts are the first sessions of the largest one. */
async function memoryFor(counts) {
  const { threads } = sizes;
  const model = `${cohort(sizes.manySessions)}/model`;
  const rows = [];
  for (const size of counts) {
    const { megabytes, seconds } = await interpretGroup(model, ["--tsv_path", labelsOf(model, size)]);
    const what = `interpret group, sessions: ${size}${size > 32 ? " (links to 32 images)" : ""}`;
    rows.push({ what: `peak memory: ${what}`, unit: "MB", threads, programs: { Voxplain: [megabytes] } });
    rows.push({ what, unit: "s", threads, programs: { Voxplain: [seconds] }, sessions: size });
  }
  rmSync(output, { recursive: true });
  return rows;
}

/** A folder with a label list of the first sessions of the cohort. */
export function labelsOf(model, count) {
  const lines = readFileSync(join(model, "../labels/AD.tsv"), "utf8").split("\n");
  const folder = join(model, `../labels-${count}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "AD.tsv"), `${lines.slice(0, count + 1).join("\n")}\n`);
  return folder;
}

/** `voxplain --help` beyond an empty Node program. */
export async function start() {
  const runs = await interleaved(
    {
      help: () => measure(process.execPath, [bin, "--help"]),
      nothing: () => measure(process.execPath, ["-e", "0"]),
    },
    { rounds: sizes.starts },
  );
  const extra = runs.help.map(({ seconds }, round) => 1000 * (seconds - runs.nothing[round].seconds));
  return [{ what: "voxplain --help, beyond node -e 0", unit: "ms", programs: { Voxplain: extra } }];
}
