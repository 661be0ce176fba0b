// Commands from start to end, and PyTorch scripts that load, explain and write the same.
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cohort } from "./cohort.mjs";
import { interleaved, ratioOf } from "./measurement.mjs";
import { fastestSetting, python, pythonEnvironment, script } from "./pytorch.mjs";
import { sizes } from "./sizes.mjs";

const bin = fileURLToPath(new URL("../packages/cli/bin/voxplain.js", import.meta.url));
const output = join(tmpdir(), "voxplain-bench-output");

/** Seconds and peak memory (MB, all threads; the operating system's VmHWM) of one process. */
function measure(program, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env });
    let errors = "";
    let peak = 0;
    child.stderr.on("data", (data) => {
      errors += data;
    });
    // VmHWM only grows: the last look before the end misses at most what comes in a twentieth of a second.
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

/** `voxplain interpret group` of a model folder. */
export function interpretGroup(model, options = []) {
  return measure(process.execPath, [
    ...[bin, "interpret", "group", model, "bench", "--use_cpu", "--overwrite"],
    ...["--output_dir", join(output, "ours"), ...options],
  ]);
}

/** A PyTorch script that writes into a folder of the output. */
export function pythonScript(name, folder, args, setting) {
  const argv = [script(name), folder, join(output, "theirs"), ...args];
  return measure(python, argv, pythonEnvironment(setting));
}

/**
 * Seconds and peak memory of two programs in turn, the second in its fastest setting; `trial` is what the settings are
 * tried on. What they wrote can be looked at before it is removed.
 */
export async function compareProcesses(what, ours, theirs, { trial = theirs, written = () => ({}) } = {}) {
  const { name, env, tried } = await fastestSetting(async (setting) => (await trial(setting)).seconds);
  const rounds = { rounds: sizes.processes };
  const runs = await interleaved({ Voxplain: ours, PyTorch: () => theirs(env) }, rounds);
  const facts = written(join(output, "ours"), join(output, "theirs"));
  rmSync(output, { recursive: true });
  const of = (key) =>
    Object.fromEntries(Object.entries(runs).map(([program, all]) => [program, all.map((run) => run[key])]));
  const programs = of("seconds");
  const { threads } = sizes;
  const ratio = ratioOf(programs.Voxplain, programs.PyTorch);
  return [
    { what, unit: "s", threads, programs, ratio, setting: name, tried, ...facts },
    { what: `peak memory: ${what}`, unit: "MB", threads, programs: of("megabytes"), setting: name },
  ];
}

/** Gradients of a cohort. */
export function wholeProcess() {
  const folder = cohort(sizes.sessions);
  return compareProcesses(
    `interpret group, sessions: ${sizes.sessions}`,
    () => interpretGroup(`${folder}/model`),
    (setting) => pythonScript("pytorch_interpret.py", folder, [], setting),
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
  );
  const single = await interpretGroup(`${cohort(1)}/model`);
  rmSync(output, { recursive: true });
  const programs = { Voxplain: [single.megabytes] };
  return [...rows, { what: "peak memory: a single gradient", unit: "MB", threads: sizes.threads, programs }];
}

/** Occlusion of one session by windows beside each other. */
export function occlusion() {
  const { windowsPerAxis: count } = sizes;
  const edges = [169, 208, 179].map((length) => Math.ceil(length / count)).join(",");
  const options = ["--method", "occlusion", "--method_options", `window=${edges}`, `stride=${edges}`];
  return manyPasses(`occlusion, ${count ** 3} windows`, "occlusion", count, options);
}

/** The settings of PyTorch are tried on few passes: two steps, or eight windows. */
function manyPasses(what, method, count, options) {
  const folder = cohort(1);
  const passes = (number) => (setting) =>
    pythonScript("pytorch_passes.py", folder, [method, String(number)], setting);
  const ours = () => interpretGroup(`${folder}/model`, options);
  return compareProcesses(what, ours, passes(count), { trial: passes(2) });
}

/** Peak memory for cohorts of two sizes: it should not depend on them. */
export async function memory() {
  const rows = [];
  for (const size of sizes.cohorts) {
    const { megabytes } = await interpretGroup(`${cohort(size)}/model`);
    const programs = { Voxplain: [megabytes] };
    rows.push({ what: `peak memory, sessions: ${size}`, unit: "MB", threads: sizes.threads, programs });
  }
  rmSync(output, { recursive: true });
  return rows;
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
