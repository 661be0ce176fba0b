// The first blocks are computed by Voxplain's kernels, with --no_kernel by ONNX Runtime; provenance.json records it.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builtCommand } from "../../../tests/built-command.ts";
import { voxplain } from "./run-voxplain.ts";

const sample = fileURLToPath(new URL("../../../sample", import.meta.url));
const model = join(sample, "models/random_small");
const bin = builtCommand();
const volume = (name: string) => fileURLToPath(new URL(`./fixtures/onnx/${name}`, import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-kernels-"));
  mkdirSync(join(folder, "labels"));
  // The first session of each: computing all of them takes longer.
  for (const diagnosis of ["AD", "CN"]) {
    const rows = readFileSync(join(sample, `labels/${diagnosis}.tsv`), "utf8")
      .split("\n")
      .slice(0, 2);
    writeFileSync(join(folder, `labels/${diagnosis}.tsv`), `${rows.join("\n")}\n`);
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const computing = ["--use_cpu", "--threads", "2"];
const onFold = [...computing, "--folds", "0"];
const drawingNothing = ["--pictures", "none", ...onFold];
const commands: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["interpret group", ["interpret", "group", model, "x", ...drawingNothing], ["gradient"]],
  ["interpret individual", ["interpret", "individual", model, "x", ...drawingNothing], ["gradient"]],
  ["predict", ["predict", model, ...onFold], ["forward"]],
];

/** provenance.json of the only result. */
function provenanceIn(path: string) {
  const [found] = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith("provenance.json"),
  );
  return JSON.parse(readFileSync(join(path, found ?? ""), "utf8"));
}

async function provenanceOf(name: string, argv: readonly string[], ...options: string[]) {
  const output = join(folder, name);
  const list = argv[0] === "explain" ? [] : ["--tsv_path", join(folder, "labels")];
  const { status, errors } = await voxplain(...argv, ...list, "--output_dir", output, ...options);
  expect(errors).not.toContain("voxplain:");
  expect(status).toBe(0);
  return provenanceIn(output);
}

describe("provenance.json says what computed the first blocks", () => {
  it.each(commands)("of %s, with kernels and without", async (_, argv, passes) => {
    const own = await provenanceOf("own", argv);
    expect(own.runtime.kernels.map(({ pass }: { pass: string }) => pass).toSorted()).toEqual(
      passes.toSorted(),
    );
    for (const { blocks, kernels } of own.runtime.kernels) {
      expect(blocks).toBeGreaterThan(0);
      expect(kernels.forward).toHaveLength(blocks);
      expect(kernels.forward[0]).toBe("winogradOne");
    }
    expect(own.options.no_kernel).toBe(false);
    const plain = await provenanceOf("plain", argv, "--no_kernel");
    const none = passes.map((pass) => ({ pass, blocks: 0, reason: "switched off" }));
    expect(plain.runtime.kernels).toHaveLength(none.length);
    expect(plain.runtime.kernels).toEqual(expect.arrayContaining(none));
    expect(plain.options.no_kernel).toBe(true);
  });

  it("of explain, for layers that do not suit and for kernels that are switched off", async () => {
    const argv = ["explain", volume("volume.onnx"), volume("volume.nii.gz"), ...computing];
    const reasonsOf = ({ runtime }: { runtime: { kernels: { blocks: number; reason: string }[] } }) =>
      new Set(runtime.kernels.map(({ reason }) => reason));
    expect(reasonsOf(await provenanceOf("own", argv))).toEqual(
      new Set(["the first layers do not suit kernels"]),
    );
    const plain = await provenanceOf("plain", argv, "--no_kernel");
    expect(reasonsOf(plain)).toEqual(new Set(["switched off"]));
    expect(plain.options.no_kernel).toBe(true);
  });
});

it("checks measure with kernels what they measure without", async () => {
  const checks = ["--checks", "max-sensitivity", "--seed", "3"];
  const argv = ["interpret", "group", model, "x", ...drawingNothing, ...checks];
  const measured = [];
  for (const [name, options] of [
    ["own", []],
    ["plain", ["--no_kernel"]],
  ] as const) {
    const { runtime } = await provenanceOf(name, argv, ...options);
    for (const { blocks } of runtime.kernels) expect(blocks > 0).toBe(name === "own");
    const found = readdirSync(join(folder, name), { recursive: true, encoding: "utf8" });
    const table = readFileSync(
      join(folder, name, found.find((file) => file.endsWith("checks.tsv")) ?? ""),
      "utf8",
    );
    const [columns = "", ...rows] = table.trimEnd().split("\n");
    const place = columns.split("\t").indexOf("value");
    expect(rows.length).toBeGreaterThan(0);
    measured.push(rows.map((row) => Number(row.split("\t")[place])));
  }
  const [own = [], plain = []] = measured;
  // Kernels decide near-ties in float64, ONNX Runtime in float32.
  for (const [k, value] of own.entries()) expect(value / (plain[k] ?? Number.NaN)).toBeCloseTo(1, 2);
});

const withoutSharedMemory = "--no-harmony-sharedarraybuffer";
const hasSwitch = spawnSync(process.execPath, [withoutSharedMemory, "--eval", ""]).status === 0;

it.skipIf(!hasSwitch).each([[], ["--no_kernel"]])(
  "a Node without SharedArrayBuffer writes the same bytes %s",
  (...options) => {
    const maps = [[], [withoutSharedMemory]].map((switches, k) => {
      const output = join(folder, String(k));
      const place = ["--output_dir", output, "--tsv_path", join(folder, "labels")];
      const argv = ["interpret", "group", model, "x", ...drawingNothing, ...place, ...options];
      const { status, stderr } = spawnSync(process.execPath, [...switches, bin, ...argv], {
        encoding: "utf8",
      });
      expect(status, stderr).toBe(0);
      const { runtime } = provenanceIn(output);
      expect(runtime.kernels[0].blocks > 0).toBe(options.length === 0);
      return readFileSync(join(output, "fold-0/gradients/best_balanced_accuracy/x/map.npy"));
    });
    expect(maps[1]?.equals(maps[0] ?? Buffer.alloc(0))).toBe(true);
  },
);

// Once more where the machine does something else meanwhile.
it.each(["1", "2", "4"])(
  "the program ends as soon as its result is there, with %s threads",
  { retry: 2 },
  async (threads) => {
    const argv = [
      "predict",
      model,
      "--use_cpu",
      "--folds",
      "0",
      "--threads",
      threads,
      "--tsv_path",
      join(folder, "labels"),
      "--output_dir",
      join(folder, "results"),
    ];
    const child = spawn(process.execPath, [bin, ...argv], { stdio: ["ignore", "pipe", "inherit"] });
    let written = Number.NaN;
    child.stdout.on("data", () => {
      written = performance.now();
    });
    const status = await new Promise((resolve) => child.on("exit", resolve));
    expect(status).toBe(0);
    // The helper threads wait for parts of kernels: they must not keep the program alive.
    expect(performance.now() - written).toBeLessThan(2000);
    expect(provenanceIn(join(folder, "results")).runtime.kernels[0].blocks).toBeGreaterThan(0);
  },
);
