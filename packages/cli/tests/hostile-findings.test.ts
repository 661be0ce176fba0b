// Tables of maps and atlases whose IDs, groups and names of regions would forge lines, and are too long for the name of a file.
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readTableFile } from "@voxplain/caps-io";
import { directory } from "@voxplain/core/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "./part-fixtures.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = temporaryFolder();
const home = process.cwd();
const maps = join(import.meta.dirname, "fixtures/group-analysis/unpaired");
beforeEach(() => {
  cpSync(maps, folder.path, { recursive: true, filter: (source) => !source.endsWith("expected") });
  process.chdir(folder.path);
});
afterEach(() => process.chdir(home));

const forged = `-x"<script>alert(1)</script>'\n\u001b[2J\u202e$(id)%s\nvoxplain: all is well`;
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

/** A table of the eight maps, which are four of one group and four of another. */
function writeMaps(rename: { id?: (id: string) => string; group?: (group: string) => string }): void {
  const [header = "", ...lines] = readFileSync("maps.tsv", "utf8").trimEnd().split("\n");
  const rows = lines.map((line) => {
    const [id = "", session = "", group = "", map = ""] = line.split("\t");
    return [quoted(rename.id?.(id) ?? id), session, quoted(rename.group?.(group) ?? group), map].join("\t");
  });
  writeFileSync("hostile.tsv", [header, ...rows, ""].join("\n"));
}

async function rowsOf(below: string) {
  const { rows } = await readTableFile({ source: directory(folder.path), below });
  return rows.map(({ fields }) => fields);
}

function expectPlain(text: string): void {
  expect(text).not.toMatch(/^voxplain: all is well/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(text).not.toMatch(/[\u001b\u202e]/);
}

const regions = (...more: string[]) =>
  voxplain("regions", "hostile.tsv", "--atlas", "atlas.nii.gz", "--output_dir", "out", ...more);

it("IDs, groups and names of regions stay one cell of a table, and a report shows them as text", async () => {
  writeMaps({ id: (id) => `${id}${forged}`, group: (group) => `${group}${forged}` });
  const labels = readFileSync("labels.tsv", "utf8").replace("Hippocampus_L", quoted(`H${forged}`));
  writeFileSync("labels.tsv", labels);
  const atlas = ["--atlas", "atlas.nii.gz", "--labels", "labels.tsv"];
  const sources = ["hostile.tsv:AD", "hostile.tsv:CN"].map((source) => `${source}${forged}`);
  for (const argv of [
    ["regions", "hostile.tsv", ...atlas, "--output_dir", "regions"],
    ["compare", ...sources, "compare", "--cluster_t", "2", "--permutations", "20", ...atlas],
    ["agreement", "hostile.tsv", "hostile.tsv", "--output_dir", "agreement"],
    ["localize", "hostile.tsv", "--truth", "atlas.nii.gz", "--output_dir", "localize"],
    ["report", "regions", "--output", "regions.html"],
    ["report", "compare", "--output", "compare.html", "--title", forged],
  ]) {
    const { status, output, errors } = await voxplain(...argv);
    expectPlain(output + errors);
    expect([argv[0], status, errors]).toEqual([argv[0], 0, expect.not.stringContaining("voxplain:")]);
  }
  for (const name of ["regions.html", "compare.html"]) {
    expectPlain(readFileSync(name, "utf8"));
    expect(readFileSync(name, "utf8")).not.toContain("<script");
  }
  const rows = await rowsOf("regions/regions.tsv");
  expect(new Set(rows.map((row) => row.participant_id)).has(`sub-01${forged}`)).toBe(true);
  expect(rows.some(({ name }) => name === `H${forged}`)).toBe(true);
});

describe("sentences about them are one line:", () => {
  it("a group that has no map", async () => {
    writeMaps({ group: (group) => `${group}${forged}` });
    const { status, errors } = await voxplain("regions", "hostile.tsv:AD", "--atlas", "atlas.nii.gz");
    expect(status).toBe(1);
    expect(errors).toMatch(
      /no map has AD in the column group: found AD-x"<script>.*\\nvoxplain: all is well/,
    );
    expectPlain(errors);
  });

  it("a session that is listed twice, among other problems", async () => {
    writeMaps({ id: () => forged });
    const { status, errors } = await regions();
    expect(status).toBe(1);
    expect(errors.trimEnd().split("\n")).toHaveLength(7);
    expectPlain(errors);
  });

  it("a command and an option that do not exist", async () => {
    for (const argv of [
      [`regions${forged}`],
      ["regions", "a", "--atlas", "b", `--x${forged}`],
      ["compare", "a", "b", "c", "--values", forged],
    ]) {
      const { status, errors } = await voxplain(...argv);
      expect(status).toBe(2);
      expect(errors).toContain("\\u001b[2J\\u202e$(id)%s\\nvoxplain: all is well");
      expectPlain(errors);
    }
    const { errors } = await voxplain("region");
    expect(errors).toBe(
      "error: unknown command 'region'\n(Did you mean regions?)\n(run with --help for usage)\n",
    );
  });
});

it("the mean map of a group has at most 120 bytes of its name; those that begin alike are numbered", async () => {
  const long = "é".repeat(200);
  writeMaps({ group: (group) => `${long}/${group}` });
  const { status } = await regions();
  expect(status).toBe(0);
  const short = "é".repeat(60);
  expect(
    readdirSync("out")
      .filter((name) => name.startsWith("mean_"))
      .sort(),
  ).toEqual(["mean_all.nii.gz", `mean_${short}-2.nii.gz`, `mean_${short}.nii.gz`]);
  const rows = await rowsOf("out/regions_groups.tsv");
  expect(new Set(rows.map(({ group }) => group))).toEqual(new Set(["all", `${long}/AD`, `${long}/CN`]));
});
