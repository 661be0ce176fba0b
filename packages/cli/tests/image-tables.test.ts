import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import {
  interpretModel,
  interpretParts,
  partFixtures,
  resultIn,
  table,
  temporaryFolder,
} from "./part-fixtures.ts";

const folder = temporaryFolder();
const capsIn = () => join(folder.path, "caps");
const labels = join(partFixtures, "labels");

const t1Linear = (id: string, session: string, kind: "nii.gz" | "pt") => {
  const pipeline = kind === "pt" ? "deeplearning_prepare_data/image_based/t1_linear" : "t1_linear";
  const name = `${id}_${session}_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.${kind}`;
  return join("subjects", id, session, pipeline, name);
};

/** The images of the label list AD.tsv and one of CN.tsv, under the names that somebody gave them. */
const scans = [
  ["sub-02", "ses-M00", "AD", "second, M00.nii.gz", t1Linear("sub-02", "ses-M00", "nii.gz")],
  ["sub-01", "ses-M18", "AD", "first M18.pt", t1Linear("sub-01", "ses-M18", "pt")],
  ["sub-03", "ses-M00", "CN", "third.nii.gz", t1Linear("sub-03", "ses-M00", "nii.gz")],
  ["sub-01", "ses-M00", "AD", "first.pt", t1Linear("sub-01", "ses-M00", "pt")],
  ["sub-04", "ses-M00", "AD", "fourth.nii.gz", t1Linear("sub-04", "ses-M00", "nii.gz")],
] as const;
const rows = scans.map(([id, session, label, name]) => [id, session, "71,5", label, `scans/${name}`]);
const columns = ["participant_id", "session_id", "age", "diagnosis", "path"];

beforeEach(() => {
  cpSync(join(partFixtures, "caps"), capsIn(), { recursive: true });
  mkdirSync(join(folder.path, "scans"));
  for (const file of readdirSync(join(capsIn(), "subjects"), { recursive: true, encoding: "utf8" })) {
    const path = join(capsIn(), "subjects", file);
    if (file.endsWith(".nii.gz")) writeFileSync(path, withAxesOfT1Linear(readFileSync(path)));
  }
  for (const [, , , name, file] of scans) {
    copyFileSync(join(capsIn(), file), join(folder.path, "scans", name));
  }
});

/** The same voxels of 1 mm along RAS, as t1-linear makes them: images of a list on other grids are refused. */
function withAxesOfT1Linear(compressed: Uint8Array): Uint8Array {
  const bytes = gunzipSync(compressed);
  for (const axis of [0, 1, 2]) {
    bytes.writeFloatLE(1, 80 + 4 * axis); // pixdim
    for (const column of [0, 1, 2, 3])
      bytes.writeFloatLE(axis === column ? 1 : 0, 280 + 16 * axis + 4 * column);
  }
  bytes.writeInt16LE(0, 252); // qform_code
  bytes.writeInt16LE(1, 254); // sform_code
  return gzipSync(bytes);
}

function write(name: string, content: string | Uint8Array): string[] {
  writeFileSync(join(folder.path, name), content);
  return ["--images", join(folder.path, name)];
}

/** The bytes of every map of a result, by its path. */
function mapsOf(result: string): Record<string, string> {
  const files = readdirSync(result, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith("map.npy"),
  );
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(result, file)).toString("base64")]));
}

const lines = (cells: readonly (readonly string[])[], separator: string, end: string) =>
  cells.map((row) => row.join(separator) + end).join("");

describe("--images with a table", () => {
  it("gives the maps of a CAPS, byte for byte, however a spreadsheet program saved the table", async () => {
    const inCaps = ["--caps_dir", capsIn(), "--tsv_path", labels];
    const truth = await interpretParts(folder.path, "individual", "cohorts", "caps", ...inCaps);
    const expected = mapsOf(truth);
    expect(Object.keys(expected)).toHaveLength(4);
    const onWindows = rows.map((row) => row.map((cell) => cell.replace("scans/", "scans\\")));
    const excel = `\uFEFF${lines([columns, ...onWindows], ";", "\r\n")};;;;\r\n`;
    const unicode = Buffer.from(`\uFEFF${lines([columns, ...rows], "\t", "\r\n")}`, "utf16le");
    const reversed = [columns, ...rows].map((row) => row.map((cell) => `"${cell}"`).toReversed());
    for (const [name, content] of [
      ["excel.csv", excel],
      ["unicode.txt", new Uint8Array(unicode)],
      ["libreoffice.csv", lines(reversed, ",", "\n")],
    ] as const) {
      const images = write(name, content);
      const result = await interpretParts(folder.path, "individual", "cohorts", `of-${name}`, ...images);
      expect(mapsOf(result), name).toEqual(expected);
    }
  });

  it("gives the maps of regions, which are cut out of its images", async () => {
    const full = join(partFixtures, "caps-full");
    const inCaps = ["--caps_dir", full, "--tsv_path", join(partFixtures, "labels-full")];
    const truth = await interpretParts(folder.path, "group", "hippocampi", "caps", ...inCaps);
    const people = ["sub-31", "sub-32"].map((id) => [
      ...[id, "AD"],
      relative(folder.path, join(full, t1Linear(id, "ses-M00", "nii.gz"))),
    ]);
    const images = write(
      "table.tsv",
      lines([["participant_id", "diagnosis", "image"], ...people], "\t", "\n"),
    );
    const result = await interpretParts(folder.path, "group", "hippocampi", "table", ...images);
    expect(Object.keys(mapsOf(truth)).length).toBeGreaterThan(0);
    expect(mapsOf(result)).toEqual(mapsOf(truth));
    expect(table(join(result, "data.tsv")).map((row) => row.image)).toEqual(people.map(([, , path]) => path));
  });

  it("gives the maps of several cohorts in folders of their own", async () => {
    const [second, , third, , fourth] = rows;
    write("A.csv", lines([columns, second!, third!], ";", "\n"));
    write("B.tsv", lines([columns, second!, fourth!], "\t", "\n"));
    const images = write("cohorts.csv", "cohort,path\nA,A.csv\nB,B.tsv\n");
    const result = await interpretParts(
      folder.path,
      ...(["individual", "cohorts", "both", "--multi_cohort"] as const),
      ...images,
    );
    const maps = mapsOf(result);
    expect(Object.keys(maps).sort()).toEqual(
      ["A/sub-02", "B/sub-02", "B/sub-04"].map((person) => `${person}/ses-M00/map.npy`),
    );
    expect(maps["A/sub-02/ses-M00/map.npy"]).toBe(maps["B/sub-02/ses-M00/map.npy"]);
  });

  it("without a column session_id has no folders of sessions, and n/a in tables", async () => {
    const people = rows
      .filter(([id]) => id !== "sub-01")
      .map(([id, , , label, path]) => [id!, label!, path!]);
    const images = write("people.tsv", lines([["participant_id", "group", "image"], ...people], "\t", "\n"));
    const result = await interpretParts(
      folder.path,
      ...(["individual", "cohorts", "people"] as const),
      ...images,
      ...["--label", "group", "--target_label", "CN"],
    );
    expect(Object.keys(mapsOf(result)).sort()).toEqual(
      ["sub-02", "sub-03", "sub-04"].map((id) => `${id}/map.npy`),
    );
    const [first] = table(join(result, "predictions.tsv"));
    expect([first?.participant_id, first?.session_id]).toEqual(["sub-02", "n/a"]);
  });

  it("is refused before the first image is read, with everything that is wrong", async () => {
    const broken = [
      ["sub-02", "ses-M00", "", "AD", "scans/none.nii.gz"],
      ["sub-03", "ses-M00", "", "AD", "scans/third.nii.gz"],
      ["sub-04", "ses-M00", "", "AD", "scans/fourth.nii.gz"],
      ["sub-04", "ses-M00", "", "AD", "scans/first.pt"],
      ["sub-05", "ses-M00", "", "AD", ""],
    ];
    const images = write("broken.tsv", lines([columns, ...broken], "\t", "\n"));
    const { status, errors } = await interpretModel(
      folder.path,
      "individual",
      "cohorts",
      "broken",
      ...[...images, "--on_error", "stop"],
    );
    expect(status).toBe(1);
    expect(errors).toContain(
      "broken.tsv: several images of one session: found sub-04 ses-M00 (lines 4 and 5: scans/fourth.nii.gz and scans/first.pt)",
    );
    expect(errors).toContain("scans/none.nii.gz: there is no such file");
    expect(errors).toMatch(/sub-05 ses-M00: .*broken\.tsv, line 6: no image is given/);
    expect(readdirSync(folder.path)).not.toContain("fold-0");
    expect(() => mapsOf(resultIn(folder.path, "broken"))).toThrow();
  });
});
