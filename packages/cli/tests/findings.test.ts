// The commands that lead from maps to findings, on simulated maps whose results numpy, scipy, statsmodels and scikit-learn give by
// brute force (fixtures/group-analysis).
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeMap } from "@voxplain/caps-io";
import { decodeNpy, float32Values } from "@voxplain/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "./run-voxplain.ts";

interface Run {
  readonly name: string;
  readonly args: readonly string[];
  readonly out: string;
  readonly p?: "exact" | { readonly random: number };
  readonly warns?: readonly string[];
  readonly refused?: string;
}

const fixtures = join(import.meta.dirname, "fixtures/group-analysis");
const cases = ["unpaired", "jobs", "covariates", "refusals"] as const;
const runsOf = (name: (typeof cases)[number]): readonly Run[] =>
  JSON.parse(readFileSync(join(fixtures, name, "case.json"), "utf8")).runs;

const home = process.cwd();
const root = mkdtempSync(join(tmpdir(), "findings-"));
beforeAll(() => {
  for (const name of cases) {
    cpSync(join(fixtures, name), join(root, name), {
      recursive: true,
      filter: (source) => !source.endsWith("expected"),
    });
  }
});
afterAll(() => {
  process.chdir(home);
  rmSync(root, { recursive: true, force: true });
});

type Cells = Readonly<Record<string, string>>;

function readTable(path: string): Cells[] {
  const [header = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const columns = header.split("\t");
  return lines.map((line) => {
    const cells = line.split("\t");
    return Object.fromEntries(columns.map((column, k) => [column, cells[k] ?? ""]));
  });
}

/** Within 1e-5 relative, or 1e-6 of the largest value: the maps are float32. */
function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  expect(found.length, what).toBe(wanted.length);
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) largest = Math.max(largest, Math.abs(wanted[i]!));
  const off = Array.from(wanted, (value, i) => [found[i]!, value] as const).filter(
    ([is, value]) => !(Math.abs(is - value) <= 1e-5 * Math.abs(value) + 1e-6 * largest),
  );
  expect(off, what).toEqual([]);
}

function expectTable(found: readonly Cells[], wanted: readonly Cells[], what: string): void {
  expect(found.length, what).toBe(wanted.length);
  for (const column of Object.keys(wanted[0] ?? {})) {
    const [is, is_wanted] = [found, wanted].map((rows) => rows.map((row) => row[column] ?? "(no column)"));
    const texts = (cells: readonly string[]) => cells.filter((cell) => Number.isNaN(Number(cell)));
    expect(texts(is!), `${what}: ${column}`).toEqual(texts(is_wanted!));
    const numbers = (cells: readonly string[]) => cells.map(Number).filter((cell) => !Number.isNaN(cell));
    expectClose(numbers(is!), numbers(is_wanted!), `${what}: ${column}`);
  }
}

const expectedArray = (path: string) => float32Values(decodeNpy(readFileSync(path), path));

async function imageOf(path: string): Promise<Float32Array> {
  return decodeMap(readFileSync(path), path, path);
}

/** p of all relabellings: equal, or equal to the other right value where rounding of float32 decides. */
async function expectExact(out: string, expected: string, name: string): Promise<void> {
  const found = await imageOf(join(out, `${name}.nii.gz`));
  const wanted = expectedArray(join(expected, `${name}.npy`));
  const other = existsSync(join(expected, `${name}.hi.npy`))
    ? expectedArray(join(expected, `${name}.hi.npy`))
    : wanted;
  const wrong = [...found].filter((p, v) => p !== wanted[v] && p !== other[v]);
  expect(wrong, name).toEqual([]);
}

/** p of N drawn relabellings: (1 + #) ÷ (1 + N), within five standard errors of that of all. */
async function expectDrawn(out: string, expected: string, name: string, n: number): Promise<void> {
  const found = await imageOf(join(out, `${name}.nii.gz`));
  const wanted = expectedArray(join(expected, `${name}.npy`));
  const wrong = [...found].filter((p, v) => {
    const exact = wanted[v]!;
    const isFraction = Math.abs(p * (n + 1) - Math.round(p * (n + 1))) < 1e-3;
    return !isFraction || Math.abs(p - exact) > 5 * Math.sqrt((exact * (1 - exact)) / n) + 2 / n;
  });
  expect(wrong, name).toEqual([]);
}

async function expectFiles(out: string, expected: string, p: Run["p"]): Promise<void> {
  const isDrawn = typeof p === "object";
  for (const file of readdirSync(expected)) {
    const name = file.replace(/\.\w+$/, "");
    if (file.endsWith(".hi.npy")) continue;
    if (name.startsWith("p_") && p === "exact") await expectExact(out, expected, name);
    else if (name.startsWith("p_") && isDrawn) await expectDrawn(out, expected, name, p.random);
    else if (file.endsWith(".npy")) {
      const wanted = expectedArray(join(expected, file));
      expectClose(await imageOf(join(out, `${name}.nii.gz`)), wanted, file);
    } else if (file === "null.tsv") expectNull(join(out, file), join(expected, file));
    else if (file.endsWith(".tsv")) {
      const [found, wanted] = [readTable(join(out, file)), readTable(join(expected, file))];
      // p of drawn relabellings are other ones; their maps are judged above.
      const kept = isDrawn ? wanted.map(({ p: _, p_fwe: __, q_fdr: ___, ...cells }) => cells) : wanted;
      expectTable(found, kept, file);
    } else if (file.endsWith(".json")) {
      const [found, wanted] = [join(out, file), join(expected, file)].map((path) =>
        JSON.parse(readFileSync(path, "utf8")),
      );
      const { cluster_threshold, ...facts } = wanted;
      expect(found).toMatchObject(facts);
      // scipy 1.10 finds quantiles of t to 1e-9 only.
      expect(found.cluster_threshold).toBeCloseTo(cluster_threshold, 7);
    }
  }
}

function expectNull(found: string, expected: string): void {
  const [is, wanted] = [readTable(found), readTable(expected)];
  for (const column of Object.keys(wanted[0] ?? {})) {
    const sorted = (rows: readonly Cells[]) => Float64Array.from(rows, (row) => Number(row[column])).sort();
    expectClose(sorted(is), sorted(wanted), `null.tsv: ${column}`);
  }
}

describe.each(["unpaired", "jobs", "covariates"] as const)("the maps of %s", (name) => {
  it.each(runsOf(name))(
    "give what brute force gives: $name",
    async ({ args, out, p, warns = [], name: run }) => {
      process.chdir(join(root, name));
      const { status, errors } = await voxplain(...args);
      expect(errors).not.toContain("voxplain:");
      expect(status).toBe(0);
      for (const warning of warns) expect(errors).toMatch(new RegExp(warning));
      await expectFiles(out, join(fixtures, name, "expected", run), p);
    },
  );
});

describe("what cannot be analysed is refused by name, and nothing is written:", () => {
  it.each(runsOf("refusals"))("$name", async ({ args, refused = "" }) => {
    process.chdir(join(root, "refusals"));
    const { status, errors } = await voxplain(...args);
    expect(status).toBe(1);
    expect(errors).toMatch(new RegExp(`^voxplain: .*(${refused})`, "m"));
    expect(errors).not.toContain("unexpected");
    expect(existsSync("out")).toBe(false);
  });
});

describe("a folder that is there", () => {
  const regions = (...more: string[]) =>
    voxplain("regions", "maps.tsv", "--atlas", "atlas.nii.gz", "--output_dir", "there", ...more);

  it("is replaced only by an option, and only if it is an older result of the command", async () => {
    process.chdir(join(root, "unpaired"));
    expect((await regions()).status).toBe(0);
    expect((await regions()).errors).toContain("--overwrite");
    expect((await regions("--overwrite")).status).toBe(0);
    rmSync("there/regions.json");
    const { status, errors } = await regions("--overwrite");
    expect({ status, errors }).toMatchObject({
      status: 1,
      errors: expect.stringContaining("it is not an older result"),
    });
    expect(existsSync("there/regions.tsv")).toBe(true);
  });
});

it("a comparison says in a few lines what it found", async () => {
  process.chdir(join(root, "unpaired"));
  const { output } = await voxplain(
    ...["compare", "maps.tsv:AD", "maps.tsv:CN", "said", "--cluster_t", "2", "--atlas", "atlas.nii.gz"],
    ...["--labels", "labels.tsv"],
  );
  expect(output).toBe(`${join(process.cwd(), "said")}
  A (4) and B (4), 70 relabellings, all that exist
  smallest p_FWE of a voxel 0.200, by TFCE 0.114
  12 clusters; the most significant: positive, 173 voxels, peak 7.25 at [6 2 6] mm (Hippocampus_L), p_FWE = 0.0286
  6 regions; the most significant: Hippocampus_L, t = 8.10, p_FWE = 0.0286
`);
});

it("the record of a finding has the command, the time and a digest of every other file", async () => {
  process.chdir(join(root, "unpaired"));
  const argv = ["regions", "maps.tsv", "--atlas", "atlas.nii.gz", "--output_dir", "recorded"];
  expect((await voxplain(...argv)).status).toBe(0);
  const record = JSON.parse(readFileSync("recorded/regions.json", "utf8"));
  expect(record.command).toEqual(["voxplain", ...argv]);
  expect(Date.parse(record.finished)).toBeGreaterThanOrEqual(Date.parse(record.started));
  const digests = Object.fromEntries(record.outputs.map(({ file, sha256 }: Cells) => [file, sha256]));
  const files = readdirSync("recorded").filter((file) => file !== "regions.json");
  expect(Object.keys(digests).sort()).toEqual(files.sort());
  const hash = createHash("sha256").update(readFileSync("recorded/regions.tsv")).digest("hex");
  expect(digests["regions.tsv"]).toBe(hash);
});

describe("--tail", () => {
  const compare = (name: string, ...more: string[]) =>
    voxplain("compare", "maps.tsv:AD", "maps.tsv:CN", name, "--cluster_t", "1", "--tail", ...more);

  it("draws 500 relabellings, and writes standard errors into the tables and the fits into the record", async () => {
    process.chdir(join(root, "covariates"));
    const atlas = ["--atlas", "atlas.nii.gz"];
    const { status } = await compare("tail", "--covariates", "age", "sex", ...atlas);
    expect(status).toBe(0);
    const record = JSON.parse(readFileSync("tail/compare.json", "utf8"));
    expect(record).toMatchObject({ exact: false, permutations: 500, distinct: 5040 });
    expect(record.tails.max_t.fit.exceedances).toBeGreaterThanOrEqual(25);
    expect(record.tails.max_t.smallest_p_se).toBeGreaterThan(0);
    const smallest = (await imageOf("tail/p_fwe_t.nii.gz")).reduce((least, p) => Math.min(least, p), 1);
    expect(smallest).toBe(Math.fround(record.tails.max_t.smallest_p));
    for (const [table, columns] of [
      ["regions", ["p_se", "p_fwe_se"]],
      ["clusters", ["p_fwe_size_se", "p_fwe_mass_se"]],
    ] as const) {
      const rows = readTable(`tail/${table}.tsv`);
      expect(rows.length).toBeGreaterThan(0);
      for (const column of columns) {
        for (const row of rows) expect(row[column] === "n/a" ? 0 : Number(row[column])).toBeLessThan(0.03);
      }
    }
  });

  it("leaves enumerated relabellings as they are: their p is exact", async () => {
    process.chdir(join(root, "unpaired"));
    expect((await compare("enumerated")).status).toBe(0);
    const record = JSON.parse(readFileSync("enumerated/compare.json", "utf8"));
    expect(record).toMatchObject({ exact: true, permutations: 70 });
    expect(record.tails.max_t.fit).toBeUndefined();
    expect(record.tails.max_t.smallest_p_se).toBe(0);
  });

  it("warns where no tail fits", async () => {
    process.chdir(join(root, "unpaired"));
    const { errors } = await compare("few", "--permutations", "60");
    expect(errors).toContain("the tail of the null distribution has no acceptable fit for voxels; TFCE; ");
  });
});

it("values that an option does not take are wrong usage", async () => {
  process.chdir(join(root, "unpaired"));
  const compare = ["compare", "maps.tsv:AD", "maps.tsv:CN", "never"];
  const wrong = [
    [...compare, "--statistic", "z"],
    [...compare, "--connectivity", "4"],
    [...compare, "--cluster_p", "1"],
    [...compare, "--fwhm", "-1"],
    [...compare, "--cluster_p", "0.01", "--cluster_t", "2"],
    ["agreement", "maps.tsv"],
    ["agreement", "maps.tsv", "maps.tsv", "--top", "0"],
    ["regions", "maps.tsv", "--atlas", "atlas.nii.gz", "--values", "all"],
  ];
  for (const args of wrong) expect((await voxplain(...args)).status, args.join(" ")).toBe(2);
  expect(existsSync("never")).toBe(false);
});
