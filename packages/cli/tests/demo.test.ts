import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNifti } from "@voxplain/caps-io";
import { decodeNpy } from "@voxplain/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../src/command-line/program.ts";
import { installedSample } from "../src/demo/installed-sample.ts";
import { voxplain } from "./run-voxplain.ts";

const sampleOfRepository = join(import.meta.dirname, "../../../sample");

describe("voxplain alone", () => {
  it("shows three commands for a start on the error output, with exit status 2", async () => {
    const { status, output, errors } = await voxplain();
    expect([status, output]).toEqual([2, ""]);
    const commands = Array.from(errors.matchAll(/^ {2}voxplain (\w+)/gm), ([, name]) => name);
    expect(commands).toEqual(["demo", "inspect", "interpret"]);
  });
});

describe("voxplain demo", () => {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), "voxplain-demo-")));
  const folder = join(parent, "my demo");
  let printed = "";
  beforeAll(async () => {
    const { status, output } = await voxplain("demo", "--output_dir", folder);
    expect(status).toBe(0);
    printed = output;
  });
  afterAll(() => rmSync(parent, { recursive: true }));

  /** Indented lines that begin with a path. */
  const shownPaths = () => Array.from(printed.matchAll(/^ {2}(\/.*)$/gm), ([, path = ""]) => path);

  it("prints the commands that it runs, and what they print", () => {
    const commands = Array.from(printed.matchAll(/^\$ voxplain (\w+)/gm), ([, name]) => name);
    expect(commands).toEqual(["inspect", "interpret"]);
    expect(printed).toMatch(/^architecture +RandomArchitecture$/m);
    expect(printed).toContain(`\n${folder}/model/fold-0/gradients/best_balanced_accuracy/demo\n`);
  });

  it("prints where the picture, the map and the predictions are", () => {
    const names = shownPaths().map((path) => path.split("/").at(-1));
    expect(names).toEqual(["map.png", "map.nii.gz", "predictions.tsv"]);
    for (const path of shownPaths()) expect(existsSync(path), path).toBe(true);
  });

  it("makes the gradient that PyTorch computes in float64, at the position of the image", async () => {
    const map = shownPaths().find((path) => path.endsWith("map.nii.gz"))!;
    const { data, affine, shape } = await readNifti(readFileSync(map), map);
    const expected = join(
      sampleOfRepository,
      "expected/random_small/fold-0/individual/sub-SIM004_ses-M00_every3.npy",
    );
    const reference = decodeNpy(Uint8Array.from(readFileSync(expected)), expected);
    const [, ny = 0, nz = 0] = shape;
    const steps = shape.map((length) => Array.from({ length: Math.ceil(length / 3) }, (_, k) => 3 * k));
    const [xs = [], ys = [], zs = []] = steps;
    const every3 = xs.flatMap((x) => ys.flatMap((y) => zs.map((z) => data[(x * ny + y) * nz + z]!)));
    expect(reference.data.length).toBe(every3.length);
    let [difference, norm] = [0, 0];
    for (const [k, value] of every3.entries()) {
      difference += (value - Number(reference.data[k])) ** 2;
      norm += Number(reference.data[k]) ** 2;
    }
    // sample/expected: PyTorch's own float32 is up to 4e-3 off where rounding decides a maximum.
    expect(Math.sqrt(difference / norm)).toBeLessThan(4e-3);
    expect(affine?.map((row) => row[3])).toEqual([-84, -119, -78, 1]);
  });

  it("prints next commands that exist; the regions show that the map is strongest where it says", async () => {
    const next = Array.from(printed.matchAll(/^ {2}voxplain (.*)$/gm), ([, words = ""]) =>
      Array.from(words.matchAll(/'([^']*)'|(\S+)/g), ([, inQuotes, word = ""]) => inQuotes ?? word),
    );
    expect(next.map(([name]) => name)).toEqual(["regions", "interpret", "report", "inspect"]);
    const [regions = [], ...others] = next;
    const { status, output } = await voxplain(...regions);
    expect(status).toBe(0);
    const [head = "", ...rows] = readFileSync(join(output.trim(), "regions.tsv"), "utf8").split("\n");
    const columns = head.split("\t");
    const values = rows
      .map((row) => Object.fromEntries(row.split("\t").map((cell, k) => [columns[k], cell])))
      .filter((row) => row.participant_id === "sub-SIM004" && row.index !== "0");
    const strongest = values.toSorted((a, b) => Number(b.mean_abs) - Number(a.mean_abs)).slice(0, 6);
    expect(strongest.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Hippocampus_L", "Hippocampus_R", "ParaHippocampal_L", "ParaHippocampal_R"]),
    );
    // The model of "inspect MY_MODEL" is the reader's; the other two take seconds, and have tests of their own.
    const program = createProgram({ argv: [], onStatus: () => {} });
    for (const [name, ...words] of others) {
      const command = program.commands.find((one) => one.name() === name)!;
      expect(command.parseOptions(words).unknown, name).toEqual([]);
    }
  });

  it("never writes into a folder that holds something", async () => {
    const { status, errors } = await voxplain("demo", "--output_dir", folder);
    expect(status).toBe(1);
    expect(errors).toBe(
      `voxplain: ${folder}: the folder exists; remove it, or choose another (--output_dir)\n`,
    );
  });
});

describe("voxplain demo without the sample", () => {
  it("says in one sentence how to get it", async () => {
    const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
    await expect(installedSample(() => Promise.reject(missing))).rejects.toThrow(
      /^the sample is not installed; .*npm install --global @voxplain\/sample$/,
    );
  });

  it("hides no other failure behind that sentence", async () => {
    const damaged = new SyntaxError("Unexpected end of input");
    await expect(installedSample(() => Promise.reject(damaged))).rejects.toBe(damaged);
  });
});
