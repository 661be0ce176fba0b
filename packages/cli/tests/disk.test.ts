// What every command that writes results waits for, and what it refuses when there is no room.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeNpy, tensor } from "@voxplain/core";
import { encodeModel, graphBuilder, modelOf as modelOfGraph } from "@voxplain/onnx-graph";
import { encodeNifti } from "@voxplain/writers";
import { beforeEach, expect, it, vi } from "vitest";
import { copyImages, modelOf, temporaryFolder } from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

/** Paths that were synced, in their order. */
const synced: string[] = [];
/** Bytes that the disk has free; undefined for the real number. */
let free: number | undefined;

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const statfsSync = (path: string) =>
    free === undefined ? fs.statfsSync(path) : { ...fs.statfsSync(path), bsize: 1, bavail: free };
  const fsync = (descriptor: number, callback: (error: NodeJS.ErrnoException | null) => void) => {
    synced.push(fs.readlinkSync(`/proc/self/fd/${descriptor}`));
    fs.fsync(descriptor, callback);
  };
  return { ...fs, statfsSync, fsync };
});

const folder = temporaryFolder();
beforeEach(() => {
  synced.length = 0;
  free = undefined;
});

/** Two maps in a table, and an atlas of two labels on their grid. */
function writeMaps(): { readonly table: string; readonly atlas: string } {
  const affine = [
    [2, 0, 0, 0],
    [0, 2, 0, 0],
    [0, 0, 2, 0],
    [0, 0, 0, 1],
  ] as const;
  const shape = [4, 4, 4] as const;
  const write = (name: string, value: (k: number) => number) => {
    const data = Float32Array.from({ length: 64 }, (_, k) => value(k));
    writeFileSync(join(folder.path, name), encodeNifti({ data, shape, affine }));
  };
  for (let k = 0; k < 6; k++) write(`m${k}.nii`, (v) => Math.sin(v * (k + 1)) + (k % 2));
  write("atlas.nii", (v) => 1 + (v % 2));
  write("truth.nii", (v) => v % 2);
  const rows = [0, 1, 2, 3, 4, 5].map((k) => `s${k}\tm${k}.nii\t${k % 2 ? "b" : "a"}`).join("\n");
  const table = join(folder.path, "maps.tsv");
  writeFileSync(table, `participant_id\tmap\tgroup\n${rows}\n`);
  return { table, atlas: join(folder.path, "atlas.nii") };
}

async function writeNetwork(): Promise<string> {
  const graph = graphBuilder("sum");
  const x = graph.input("x", "float32", ["n", 1, 4, 4]);
  const weights = graph.constant(
    tensor(
      "float32",
      [16, 2],
      Float32Array.from({ length: 32 }, (_, k) => k % 5),
    ),
  );
  graph.output(graph.add("MatMul", [graph.add("Flatten", [x]), weights], {}, { outputs: ["y"] }), "float32", [
    "n",
    2,
  ]);
  const { proto } = await encodeModel(modelOfGraph(graph.build()), { externalData: "inline" });
  const path = join(folder.path, "net.onnx");
  writeFileSync(path, proto);
  writeFileSync(
    join(folder.path, "image.npy"),
    encodeNpy(tensor("float32", [1, 4, 4], new Float32Array(16).fill(1))),
  );
  return path;
}

type Command = () => Promise<readonly string[]> | readonly string[];
const commands: Record<string, Command> = {
  explain: async () => [
    "explain",
    await writeNetwork(),
    join(folder.path, "image.npy"),
    "--use_cpu",
    "--output_dir",
    join(folder.path, "x"),
  ],
  regions: () => [
    "regions",
    writeMaps().table,
    "--atlas",
    writeMaps().atlas,
    "--output_dir",
    join(folder.path, "x"),
  ],
  compare: () => {
    const { table } = writeMaps();
    const groups = [`${table}:a`, `${table}:b`];
    return ["compare", ...groups, "x", "--permutations", "10", "--output_dir", folder.path];
  },
  localize: () => [
    "localize",
    writeMaps().table,
    "--truth",
    join(folder.path, "truth.nii"),
    "--output_dir",
    join(folder.path, "x"),
  ],
  predict: () => {
    copyImages(folder.path);
    const data = ["--caps_dir", join(folder.path, "caps"), "--tsv_path", join(folder.path, "labels")];
    return ["predict", modelOf("patch"), "--name", "x", "--use_cpu", ...data, "--output_dir", folder.path];
  },
};

const resultOf = (name: string) =>
  name === "predict"
    ? join(folder.path, "fold-0/predictions/best_balanced_accuracy/x")
    : join(folder.path, "x");

const namesOf = (paths: readonly string[]) => paths.map((path) => path.slice(path.lastIndexOf("/") + 1));

it.each(Object.keys(commands))(
  "%s has its files and their folder on the disk, but not with --no_fsync",
  async (name) => {
    const argv = await commands[name]!();
    const { status, errors } = await voxplain(...argv);
    expect([status, errors]).toEqual([0, expect.not.stringContaining("voxplain:")]);
    const written = readdirSync(resultOf(name), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(written.length).toBeGreaterThan(1);
    expect(namesOf(synced)).toEqual(expect.arrayContaining(written.map((entry) => entry.name)));
    expect(synced).toContain(join(resultOf(name), ".."));
    synced.length = 0;
    expect((await voxplain(...argv, "--overwrite", "--no_fsync")).status).toBe(0);
    expect(synced).toEqual([]);
  },
);

it.each(Object.keys(commands))(
  "%s is refused before it computes where the disk has no room",
  async (name) => {
    const argv = await commands[name]!();
    free = 40;
    const { status, errors } = await voxplain(...argv);
    expect(status).toBe(1);
    expect(errors).toMatch(
      /the disk has no room for what the job will write: expected at least .*B, found 0.0 kB free/,
    );
    expect(existsSync(resultOf(name))).toBe(false);
  },
);

it("interpret says after the first session that the disk has no room for all others, and goes on", async () => {
  copyImages(folder.path);
  const data = ["--caps_dir", join(folder.path, "caps"), "--tsv_path", join(folder.path, "labels")];
  const options = ["--use_cpu", "--threads", "1", "--pictures", "none", "--output_dir", folder.path];
  free = 40_000;
  const { status, errors } = await voxplain(
    ...["interpret", "individual", modelOf("patch"), "x", ...data, ...options],
  );
  expect(errors).toMatch(
    /warning: the disk may be full before the end: such a job usually takes about 9\d\.\d kB/,
  );
  expect([status, errors]).toEqual([
    0,
    expect.stringMatching(
      /warning: the disk will be full before the end: \d more sessions take about \d+\.\d kB, and 40\.0 kB are free/,
    ),
  ]);
});

it("report waits for its file and the folder, and is refused where there is no room", async () => {
  await voxplain(...(await commands.regions!()));
  synced.length = 0;
  const output = join(folder.path, "r.html");
  const argv = ["report", join(folder.path, "x"), "--output", output];
  expect((await voxplain(...argv)).status).toBe(0);
  expect(synced).toEqual([expect.stringMatching(/r\.html\.incomplete-/), folder.path]);
  synced.length = 0;
  expect((await voxplain(...argv, "--overwrite", "--no_fsync")).status).toBe(0);
  expect(synced).toEqual([]);
  free = 40;
  const refused = await voxplain(...argv, "--overwrite");
  expect([refused.status, refused.errors]).toEqual([1, expect.stringMatching(/no room/)]);
});

it("differentiate waits for its file and the folder, but not with --no_fsync", async () => {
  const argv = ["differentiate", await writeNetwork(), "-o", join(folder.path, "g.onnx")];
  expect((await voxplain(...argv)).status).toBe(0);
  expect(synced).toEqual([expect.stringMatching(/g\.onnx\.incomplete-/), folder.path]);
  synced.length = 0;
  expect((await voxplain(...argv, "--overwrite", "--no_fsync")).status).toBe(0);
  expect(synced).toEqual([]);
});
