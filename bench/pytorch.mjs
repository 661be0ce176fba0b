// The newest PyTorch that can be had, and the settings in which it may be fastest.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isTiny, sizes } from "./sizes.mjs";

/** The newest release known when this was written, and the month in which it came out: raise it with PyTorch. */
export const newestKnown = { version: "2.15.0", date: "2026-10" };

const packages = ["torch", "nibabel", "pandas", "matplotlib"];
const environment = join(tmpdir(), "voxplain-bench-python");

export const script = (name) => fileURLToPath(new URL(name, import.meta.url));

/** `program` has PyTorch of `version`; or why there is none. */
export const { program: python, version: torchVersion, reason: whyNot } = newestPython();

/** Whether ratios to this PyTorch may be published: it is no older than the newest that is known. */
export const isCurrent = (version) => !isOlder(version, newestKnown.version);

/** VOXPLAIN_BENCH_PYTHON, or the newer PyTorch of a virtual environment and of the Python that is installed. */
function newestPython() {
  const named = process.env.VOXPLAIN_BENCH_PYTHON;
  const programs = named === undefined ? [virtualPython(), "/usr/bin/python3", "python3"] : [named];
  const found = programs
    .filter((program) => program !== undefined)
    .map((program) => ({ program, version: versionOf(program) }))
    .filter(({ version }) => version !== undefined);
  const [newest] = found.sort((a, b) => (isOlder(a.version, b.version) ? 1 : -1));
  return newest ?? { reason: `no Python with ${packages.join(", ")} was found or could be made` };
}

/** A virtual environment with the newest PyTorch that the package index serves, made once; undefined where it serves none. */
function virtualPython() {
  const program = join(environment, "bin/python");
  if (versionOf(program) !== undefined) return program;
  if (existsSync(environment)) return undefined;
  console.error(`installing PyTorch in ${environment} …`);
  const options = { stdio: "ignore", timeout: 1_200_000 };
  const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
  const made = spawnSync(python, ["-m", "venv", "--system-site-packages", environment], options);
  if (made.status !== 0) return undefined;
  for (const names of [packages, ["torch>=2"]]) {
    const pip = [
      "-m",
      "pip",
      "install",
      "--retries",
      "1",
      "--upgrade",
      "--upgrade-strategy",
      "only-if-needed",
    ];
    if (spawnSync(program, [...pip, ...names], options).status === 0) break;
  }
  return program;
}

function versionOf(program) {
  const imports = `import ${packages.join(", ")}; print(torch.__version__)`;
  const { status, stdout } = spawnSync(program, ["-c", imports], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return status === 0 ? stdout.trim() : undefined;
}

function isOlder(version, other) {
  const [a, b] = [version, other].map((text) => text.split(/[.+a-z]/).map(Number));
  const place = [0, 1, 2].find((k) => (a[k] || 0) !== (b[k] || 0));
  return place !== undefined && (a[place] || 0) < (b[place] || 0);
}

/** glibc keeps freed pages: PyTorch asks for new memory at each layer, and fresh pages cost it up to nine tenths of its time. */
const keepsPages = {
  MALLOC_MMAP_MAX_: "0",
  MALLOC_TRIM_THRESHOLD_: "17179869184",
  MALLOC_TOP_PAD_: "1073741824",
};

const choices = [
  { plain: {}, channels_last: { VOXPLAIN_BENCH_LAYOUT: "channels_last" } },
  { "all gradients": {}, frozen: { VOXPLAIN_BENCH_FROZEN: "1" } },
  { "pages given back": {}, "pages kept": keepsPages },
];

/** Each setting with its environment variables: memory layout, gradients of parameters, allocator. */
const all = choices.reduce(
  (before, choice) =>
    before.flatMap((setting) =>
      Object.entries(choice).map(([name, env]) => ({
        name: [setting.name, name].filter(Boolean).join(", "),
        env: { ...setting.env, ...env },
      })),
    ),
  [{ name: "", env: {} }],
);
const settings = isTiny ? [all.at(0), all.at(-1)] : all;

/** Tries each setting once: the one of the lowest value, and the values of all. */
export async function fastestSetting(measure) {
  const tried = {};
  for (const { name, env } of settings) tried[name] = await measure(env);
  const [best] = [...settings].sort((a, b) => tried[a.name] - tried[b.name]);
  return { ...best, tried };
}

/** The environment of a Python program: what is measured, and PyTorch's setting. */
export function pythonEnvironment(setting, threads = sizes.threads) {
  return { ...process.env, VOXPLAIN_BENCH_THREADS: String(threads), ...setting };
}

/** Runs a script that makes what is measured. */
export function make(name, args) {
  const { status } = spawnSync(python, [script(name), ...args], { stdio: "inherit" });
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
}

/** A Python program that answers each question line with one line. */
export function ask(name, args, env) {
  const child = spawn(python, [script(name), ...args], { stdio: ["pipe", "pipe", "inherit"], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async answer() {
      child.stdin.write("\n");
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ended`);
      return Number(value);
    },
    end: () => child.stdin.end(),
  };
}
