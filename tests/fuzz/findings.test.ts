// regions, compare, agreement and localize on random tables and images: positions, types of voxels, missing values, ties, designs and
// names of every kind. They end well with whole tables, or refuse in words and write nothing.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeMap } from "@voxplain/caps-io";
import { afterAll, expect, it } from "vitest";
import { voxplain } from "../../packages/cli/tests/run-voxplain.ts";
import { isLongRun, seconds } from "./fuzz.ts";
import { seededRandom } from "./mutate.ts";
import { type RandomStudy, randomStudy } from "./random-study.ts";

/** A long run begins where VOXPLAIN_FUZZ_SEED says, and ends after as many studies as VOXPLAIN_FUZZ_STUDIES, if it is given. */
const firstSeed = isLongRun ? Number(process.env.VOXPLAIN_FUZZ_SEED ?? Date.now() % 1e9) : 1;
const most = Number(process.env.VOXPLAIN_FUZZ_STUDIES ?? Number.POSITIVE_INFINITY);

const home = process.cwd();
const root = mkdtempSync(join(tmpdir(), "random-studies-"));
afterAll(() => {
  process.chdir(home);
  rmSync(root, { recursive: true, force: true });
});

it(
  "random tables and images give whole results, or a refusal in words with nothing written",
  async () => {
    const wrong: string[] = [];
    const counts = { studies: 0, done: 0, refused: 0, usage: 0 };
    const end = performance.now() + 1000 * Math.max(2, seconds);
    // Some are refused and some are done, on a slow machine, too.
    const isEnd = () => counts.studies >= most || (counts.studies >= 12 && performance.now() >= end);
    for (let seed = firstSeed; !isEnd(); seed++) {
      const folder = join(root, String(seed));
      mkdirSync(folder);
      const study = randomStudy(folder, seededRandom(seed));
      process.chdir(folder);
      const problems = await problemsOf(study, folder, counts);
      counts.studies++;
      process.chdir(root);
      rmSync(folder, { recursive: true });
      for (const problem of problems)
        wrong.push(`seed ${seed}: voxplain ${study.args.join(" ")}\n${problem}`);
      if (wrong.length >= 20) break;
    }
    if (isLongRun) process.stderr.write(`${JSON.stringify({ firstSeed, ...counts, wrong: wrong.length })}\n`);
    expect(wrong).toEqual([]);
    expect(counts.done).toBeGreaterThan(0);
    expect(counts.refused).toBeGreaterThan(0);
  },
  2 ** 31 - 1,
);

async function problemsOf(
  study: RandomStudy,
  folder: string,
  counts: { done: number; refused: number; usage: number },
): Promise<string[]> {
  const before = readdirSync(folder).sort();
  const { status, errors } = await voxplain(...study.args);
  const problems: string[] = [];
  if (/unexpected|RangeError|TypeError|\n\s+at /.test(errors)) problems.push(errors);
  if (study.isWrongUsage && status !== 2) problems.push(`wrong usage ended with ${status}`);
  if (status === 0) {
    counts.done++;
    return [...problems, ...(await problemsOfResult(join(folder, study.out)))];
  }
  if (status === 1) counts.refused++;
  else if (status === 2) counts.usage++;
  else problems.push(`ended with ${status}`);
  if (!/^(voxplain|error): ./m.test(errors)) problems.push(`ended with ${status} and no sentence: ${errors}`);
  const after = readdirSync(folder).sort();
  if (existsSync(join(folder, "out")) || after.length !== before.length)
    problems.push(`left ${after.join(", ")} behind`);
  return problems;
}

async function problemsOfResult(out: string): Promise<string[]> {
  const problems: string[] = [];
  for (const name of readdirSync(out)) {
    const path = join(out, name);
    if (name.endsWith(".tsv")) {
      const text = readFileSync(path, "utf8");
      problems.push(...problemsOfTable(name, text));
      if (text.startsWith("source\t") && name.startsWith("regions")) problems.push(...problemsOfShares(text));
    } else if (name.endsWith(".json")) JSON.parse(readFileSync(path, "utf8"));
    else if (name.endsWith(".nii.gz")) problems.push(...(await problemsOfImage(name, path)));
    else problems.push(`an unknown file ${name}`);
  }
  return problems;
}

/** Quantities that are shares or probabilities. */
const fractions = /^(p|p_fwe.*|q_fdr|share|mass_share|volume_share|auroc|auprc|relevance_rank|dice_top.*)$/;
const correlations = /^(pearson|spearman)$/;

function problemsOfTable(name: string, text: string): string[] {
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const columns = header.split("\t");
  return lines.flatMap((line, k) => {
    const cells = line.split("\t");
    if (cells.length !== columns.length) return [`${name}, row ${k + 1} has ${cells.length} cells: ${line}`];
    return columns.flatMap((column, c) => {
      const cell = cells[c]!;
      const where = `${name}, row ${k + 1}, ${column}: "${cell}"`;
      if (cell === "") return [`${where} is empty`];
      const isText = /^(name|participant_id|session_id|sessions|maps|group|sex|odd|region)$/.test(column);
      if (!isText && /^(nan|[+-]?inf(inity)?|undefined|null|\[object)/i.test(cell)) return [where];
      if (cell === "n/a" || isText) return [];
      const value = Number(cell);
      const least = correlations.test(column) ? -1 : fractions.test(column) ? 0 : undefined;
      return least !== undefined && !(value >= least - 1e-9 && value <= 1 + 1e-9) ? [where] : [];
    });
  });
}

/** The shares of a map's regions, and of what is outside, add up to 1. */
function problemsOfShares(text: string): string[] {
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const columns = header.split("\t");
  const at = columns.indexOf("share");
  const sums = new Map<string, number>();
  for (const line of lines) {
    const cells = line.split("\t");
    const map = cells.slice(0, columns.indexOf("index")).join("\t");
    if (cells[at] !== "n/a") sums.set(map, (sums.get(map) ?? 0) + Number(cells[at]));
  }
  return [...sums].flatMap(([map, sum]) =>
    Math.abs(sum - 1) < 1e-9 ? [] : [`the shares of ${map} are ${sum}`],
  );
}

async function problemsOfImage(name: string, path: string): Promise<string[]> {
  const data = await decodeMap(readFileSync(path), path, path);
  // A mean map has no value where no map has one.
  if (!name.includes("mean_") || name === "mean_a.nii.gz" || name === "mean_b.nii.gz") {
    const odd = data.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0) return [`${name} has the value ${data[odd]} at voxel ${odd}`];
  }
  if (!name.startsWith("p_")) return [];
  const outside = data.find((p) => !(p > 0 && p <= 1));
  return outside === undefined ? [] : [`${name} has a p of ${outside}`];
}
