import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeNpy, tensor } from "@voxplain/core";
import { encodeModel, graphBuilder } from "@voxplain/onnx-graph";
import { afterEach, beforeEach, expect, it } from "vitest";
import { builtCommand } from "../../../tests/built-command.ts";

const bin = builtCommand();
const model = fileURLToPath(new URL("../../../sample/models/random_small", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-interrupted-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const job = (level = "individual") => [
  ...["interpret", level, model, "x", "--use_cpu", "--folds", "0"],
  ...["--output_dir", join(folder, "results")],
];

/** Starts the built program and sends it a signal once it reports something; gives what it says. */
function interrupted(signal: NodeJS.Signals, argv: readonly string[], reported: string | RegExp) {
  const child = spawn(process.execPath, [bin, ...argv], { env: { ...process.env, TMPDIR: folder } });
  let errors = "";
  let sent = false;
  child.stderr.on("data", (text: Buffer) => {
    errors += text.toString();
    if (!sent && errors.match(reported)) sent = child.kill(signal);
  });
  return new Promise<{ readonly killedBy: NodeJS.Signals | null; readonly errors: string }>((resolve) =>
    child.on("exit", (_, killedBy) => resolve({ killedBy, errors })),
  );
}

/** Starts the built program, sends it a signal after some time, and gives how long it then took to end. */
function interruptedAfter(milliseconds: number, ...argv: string[]) {
  const child = spawn(process.execPath, [bin, ...argv], { env: { ...process.env, TMPDIR: folder } });
  let sent = Number.NaN;
  const timer = setTimeout(() => {
    sent = performance.now();
    child.kill("SIGTERM");
  }, milliseconds);
  return new Promise<{ readonly killedBy: NodeJS.Signals | null; readonly took: number }>((resolve) =>
    child.on("exit", (_, killedBy) => {
      clearTimeout(timer);
      resolve({ killedBy, took: performance.now() - sent });
    }),
  );
}

/** A machine that does something else meanwhile may send the signal, or end the program, too late once. */
const busy = { retry: 2 };

it.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"] as const)(
  "%s ends it with its finished sessions kept, no half result and no temporary files; after SIGTERM, --resume goes on with them",
  busy,
  async (signal) => {
    const { killedBy, errors } = await interrupted(signal, job(), "3/7");
    expect(killedBy).toBe(signal);
    expect(errors).toMatch(
      /stopped by SIG\w+: [2-6] of 7 sessions are finished: run the command again with --resume/,
    );
    expect(errors).not.toContain("ebugger");
    const parent = join(folder, "results/fold-0/gradients/best_balanced_accuracy");
    expect(readdirSync(folder)).toEqual(["results"]);
    expect(readdirSync(parent)).toEqual([".x.sessions"]);
    const kept = readdirSync(join(parent, ".x.sessions"));
    expect(kept.filter((name) => name.endsWith(".tmp") || name.startsWith("worker"))).toEqual([]);
    // What is kept is the same after each.
    if (signal !== "SIGTERM") return;
    const { status, stderr } = spawnSync(process.execPath, [bin, ...job(), "--resume"], { encoding: "utf8" });
    expect(status).toBe(0);
    expect(stderr).toMatch(/: [2-6] finished before/);
    expect(readdirSync(parent)).toEqual(["x"]);
  },
);

it.each([
  ["reads the first image and opens the network", "group", /: 7 sessions/],
  ["reads the next image, computes one and writes another", "individual", "3/7"],
  ["writes the mean map, its picture and tables", "group", "7/7"],
] as const)(
  "SIGINT while it %s leaves nothing behind but a complete result, or finished sessions",
  busy,
  async (_, level, reported) => {
    const { killedBy } = await interrupted("SIGINT", job(level), reported);
    // Only at the very end can the result be there before the signal.
    if (killedBy !== null || reported !== "7/7") expect(killedBy).toBe("SIGINT");
    const left = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => basename(file));
    expect(left.filter((name) => /\.(tmp|lock|incomplete|replaced)|^worker/.test(name))).toEqual([]);
    if (killedBy === null) expect(left).toEqual(expect.arrayContaining(["map.npy", "provenance.json"]));
  },
);

it("SIGTERM ends a demo with the command that continues with its finished sessions", busy, async () => {
  const argv = ["demo", "--output_dir", join(folder, "demo")];
  const { killedBy, errors } = await interrupted("SIGTERM", argv, "1/2");
  expect(killedBy).toBe("SIGTERM");
  expect(errors).toMatch(
    /[12] of 2 sessions are finished: continue with voxplain interpret individual \S*demo\/model demo .* --resume$/m,
  );
});

it.each([100, 300, 500, 700, 900, 1200])(
  "a signal ends it within 2 s, whatever it does after %d ms",
  busy,
  async (milliseconds) => {
    const argv = ["interpret", "group", model, "x", "--use_cpu", "--output_dir", join(folder, "results")];
    const { killedBy, took } = await interruptedAfter(milliseconds, ...argv, "--method", "smoothgrad");
    expect(killedBy).toBe("SIGTERM");
    expect(took).toBeLessThan(2000);
    expect(readdirSync(folder)).toEqual([]);
  },
);

/** A network whose single pass takes many seconds. */
async function writeSlowNetwork(path: string): Promise<void> {
  const graph = graphBuilder("slow");
  graph.input("x", "float32", ["batch", 1, 64, 64, 64]);
  let value = "x";
  for (const channels of [1, 64, 64, 64]) {
    const weights = tensor(
      "float32",
      [64, channels, 5, 5, 5],
      new Float32Array(64 * channels * 125).fill(0.01),
    );
    const kernel = graph.initializer(`w${value}`, weights);
    value = graph.add("Relu", [graph.add("Conv", [value, kernel], { pads: [2, 2, 2, 2, 2, 2] })]);
  }
  const pooled = graph.add("Flatten", [graph.add("GlobalAveragePool", [value])]);
  graph.output(pooled, "float32", ["batch", 64]);
  const model = {
    ...{ irVersion: 8, opsets: { "": 17 }, producerName: "test", producerVersion: "1", metadata: {} },
    graph: graph.build(),
  };
  await writeFile(path, (await encodeModel(model, { externalData: "inline" })).proto);
}

it("a signal ends it within 2 s in the middle of a single long pass", busy, async () => {
  const inputs = mkdtempSync(join(tmpdir(), "voxplain-slow-"));
  try {
    await writeSlowNetwork(join(inputs, "slow.onnx"));
    await writeFile(
      join(inputs, "x.npy"),
      encodeNpy(tensor("float32", [1, 64, 64, 64], new Float32Array(64 ** 3))),
    );
    const argv = ["explain", join(inputs, "slow.onnx"), join(inputs, "x.npy"), "--use_cpu"];
    const { killedBy, took } = await interruptedAfter(4000, ...argv, "--output_dir", join(folder, "results"));
    expect(killedBy).toBe("SIGTERM");
    expect(took).toBeLessThan(2000);
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(inputs, { recursive: true });
  }
});

it.skipIf(process.platform === "win32")("a named pipe in place of a list is refused, not waited for", () => {
  execFileSync("mkfifo", [join(folder, "AD.tsv")]);
  const argv = [bin, "predict", model, "--use_cpu", "--tsv_path", folder];
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 20_000 });
  expect(stderr).toMatch(/^voxplain: there is no label list .*AD\.tsv; there are no tables/);
  expect(status).toBe(1);
});

it.each(["--help", "methods", `inspect ${model}`, "completion bash"])(
  "voxplain %s ends silently and with 0 when its output is not read",
  async (command) => {
    const child = spawn(process.execPath, [bin, ...command.split(" ")]);
    child.stdout.destroy();
    let errors = "";
    child.stderr.on("data", (text: Buffer) => {
      errors += text.toString();
    });
    expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(0);
    expect(errors).toBe("");
  },
);
