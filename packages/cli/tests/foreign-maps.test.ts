// Maps and atlases of other programs, as nibabel wrote them (packages/caps-io/tests/fixtures): every type of voxels, both byte orders,
// scaled, sform, qform, half a turn, NIfTI-2, .mgz. Values and positions in the tables are those that nibabel gives.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Affine } from "@voxplain/core";
import { encodeNifti } from "@voxplain/writers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { voxplain } from "./run-voxplain.ts";

const fixtures = join(import.meta.dirname, "../../caps-io/tests/fixtures");
interface Expected {
  readonly shape: readonly [number, number, number];
  readonly affine: Affine;
  /** Row-major; NaN is 0. */
  readonly data: readonly number[];
}
const expected: Readonly<Record<string, Expected>> = JSON.parse(
  readFileSync(join(fixtures, "expected.json"), "utf8"),
).nifti;

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "foreign-maps-"));
beforeAll(() => process.chdir(folder));
beforeEach(() => rmSync("out", { recursive: true, force: true }));
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

function tableOf(...files: readonly string[]): string {
  for (const file of files) copyFileSync(join(fixtures, file), file);
  const rows = files.map((file, k) => `sub-${k + 1}\t${file}\n`);
  writeFileSync("maps.tsv", `participant_id\tmap\n${rows.join("")}`);
  return "maps.tsv";
}

/** Labels 0 to 3 along the first axis and 4 behind them, on a grid. */
function labelsOn({ shape, affine }: Expected): number[] {
  const [x, y, z] = shape;
  const labels = Array.from({ length: x * y * z }, (_, v) => Math.min(4, Math.floor(v / (y * z))));
  writeFileSync("atlas.nii", encodeNifti({ data: Int32Array.from(labels), shape, affine }));
  return labels;
}

type Cells = Readonly<Record<string, string>>;
function rowsIn(path: string): Cells[] {
  const [header = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const columns = header.split("\t");
  return lines.map((line) => Object.fromEntries(line.split("\t").map((cell, k) => [columns[k] ?? "", cell])));
}

/** The millimetres of a voxel. */
function positionOf({ shape, affine }: Expected, v: number): number[] {
  const [, y, z] = shape;
  const voxel = [Math.floor(v / (y * z)), Math.floor(v / z) % y, v % z];
  return affine.slice(0, 3).map(([a, b, c, d]) => a * voxel[0]! + b * voxel[1]! + c * voxel[2]! + d);
}

const volumes = Object.keys(expected).filter(
  (name) => !["matrix.nii.gz", "nan.nii.gz", "plain.mgh"].includes(name),
);

describe("a map that nibabel wrote", () => {
  it.each(volumes)(
    "has its values, its peaks and their positions in the table of regions: %s",
    async (name) => {
      const map = expected[name]!;
      const labels = labelsOn(map);
      const { status, errors } = await voxplain(
        ...["regions", tableOf(name), "--atlas", "atlas.nii", "--output_dir", "out"],
      );
      expect(status, errors).toBe(0);
      const rows = rowsIn("out/regions.tsv");
      expect(rows.length).toBe(5);
      for (const row of rows) {
        const voxels = labels.flatMap((label, v) => (label === Number(row.index) ? [v] : []));
        const values = voxels.map((v) => map.data[v]!);
        const sum = values.reduce((total, value) => total + value, 0);
        expect(Number(row.sum)).toBeCloseTo(sum, 4);
        expect(Number(row.voxels)).toBe(voxels.length);
        const largest = Math.max(...values.map(Math.abs));
        expect(Math.abs(Number(row.peak))).toBe(largest);
        const found = [row.peak_x, row.peak_y, row.peak_z].map(Number);
        const peaks = voxels.filter((v) => Math.abs(map.data[v]!) === largest);
        const nearest = Math.min(
          ...peaks.map((v) => Math.hypot(...positionOf(map, v).map((mm, k) => mm - found[k]!))),
        );
        expect(nearest).toBeLessThan(1e-4);
      }
    },
  );

  it.each(["nan.nii.gz", "plain.mgh"])("with NaN in it has fewer voxels: %s", async (name) => {
    const map = expected[name]!;
    labelsOn(map);
    await voxplain(...["regions", tableOf(name), "--atlas", "atlas.nii", "--output_dir", "out"]);
    const voxels = rowsIn("out/regions.tsv").reduce((sum, row) => sum + Number(row.voxels), 0);
    expect(map.data.length - voxels).toBe(map.data.length - map.data.filter((value) => value !== 0).length);
  });
});

describe("an .mgz as an atlas", () => {
  it("has the regions that nibabel reads, on the grid of a NIfTI at the same place", async () => {
    const atlas = expected["uint8.mgz"]!;
    copyFileSync(join(fixtures, "uint8.mgz"), "uint8.mgz");
    const lut = [...new Set(atlas.data)].map((index) => `${index} Region-${index} 1 2 3 0\n`).join("");
    writeFileSync("FreeSurferColorLUT.txt", lut);
    const { status, errors } = await voxplain(
      ...["regions", tableOf("float32.nii.gz"), "--atlas", "uint8.mgz"],
      ...["--labels", "FreeSurferColorLUT.txt", "--output_dir", "out"],
    );
    expect(status, errors).toBe(0);
    const found = rowsIn("out/regions.tsv").filter(({ index }) => index !== "0");
    const wanted = [...new Set(atlas.data)].filter((index) => index > 0).sort((a, b) => a - b);
    expect(found.map(({ index }) => Number(index))).toEqual(wanted);
    for (const { index, name, voxels } of found) {
      expect(name).toBe(`Region-${index}`);
      expect(Number(voxels)).toBe(atlas.data.filter((label) => label === Number(index)).length);
    }
  });
});

/** Two participants with maps that do not say where they are. */
const unplaced = {
  "both codes are 0"(bytes: Uint8Array) {
    const header = new DataView(bytes.buffer);
    header.setInt16(252, 0, true);
    header.setInt16(254, 0, true);
  },
  "the affine is exactly the identity"(bytes: Uint8Array) {
    const header = new DataView(bytes.buffer);
    for (let row = 0; row < 3; row++) {
      for (let k = 0; k < 4; k++) header.setFloat32(280 + 16 * row + 4 * k, k === row ? 1 : 0, true);
    }
  },
};

describe.each(Object.entries(unplaced))(
  "maps of which %s are refused where millimetres are needed",
  (_, unplace) => {
    beforeEach(() => {
      labelsOn(expected["int16.nii.gz"]!);
      const bytes = Uint8Array.from(gunzipSync(readFileSync(join(fixtures, "int16.nii.gz"))));
      unplace(bytes);
      for (const name of ["a.nii", "b.nii"]) writeFileSync(name, bytes);
      writeFileSync("maps.tsv", "participant_id\tmap\nsub-1\ta.nii\nsub-2\tb.nii\n");
    });
    const both = (table: string) => [table, table];
    it.each<[string, (table: string) => string[]]>([
      ["regions", (table) => ["regions", table, "--atlas", "atlas.nii", "--output_dir", "out"]],
      ["compare, with an atlas", (table) => ["compare", table, "0", "out", "--atlas", "atlas.nii"]],
      ["compare, with a mask", (table) => ["compare", table, "0", "out", "--mask", "atlas.nii"]],
      ["compare, smoothed", (table) => ["compare", table, "0", "out", "--fwhm", "4"]],
      [
        "agreement, with a mask",
        (table) => ["agreement", ...both(table), "--mask", "atlas.nii", "--output_dir", "out"],
      ],
      ["localize", (table) => ["localize", table, "--truth", "atlas.nii", "--output_dir", "out"]],
    ])("%s", async (_command, argsOf) => {
      const { status, errors } = await voxplain(...argsOf("maps.tsv"));
      expect({ status, errors }).toEqual({
        status: 1,
        errors: expect.stringContaining("(--nifti_template_path)"),
      });
      expect(existsSync("out")).toBe(false);
    });
  },
);
