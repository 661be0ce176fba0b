// A simulated cohort in which it is known where AD differs from CN: what the commands over maps find in it, and what the page about it says.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "../../packages/cli/tests/run-voxplain.ts";
import { expectFigure } from "../docs-checks.ts";
import { casesOf, isLong } from "../long-tests.ts";
import { root } from "../workspace.ts";

type Row = Readonly<Record<string, string>>;
type Analysis = "signed" | "share" | "regions" | "localize";
interface Analyses {
  readonly methods: readonly string[];
  readonly affected: readonly string[];
  readonly commands: Readonly<Record<Analysis, (method: string, folder: string) => string[]>>;
  readonly kept: Readonly<Record<string, readonly string[]>>;
  readonly tableOf: Readonly<Record<Analysis, string>>;
  readTable(path: URL | string): Row[];
  rowsOf(analysis: Analysis, method: string, folder: string): Row[];
  readonly pictured: readonly string[];
  writePicturedList(folder: string): void;
  pictureOf(method: string, folder: string): { readonly words: string[]; readonly file: string };
}
const analysesFile = new URL("../../apps/docs/scripts/known-truth-analyses.mjs", import.meta.url).href;
const tablesFile = new URL("../../apps/docs/scripts/known-truth.mjs", import.meta.url).href;
const { methods, affected, commands, kept, tableOf, readTable, rowsOf, ...pictures }: Analyses = await import(
  analysesFile
);
const { localizationTable }: { localizationTable(): string } = await import(tablesFile);

const results = (name: string) => readTable(new URL(`results/${name}`, import.meta.url));
const page = readFileSync(join(root, "apps/docs/pages/guide/known-truth.md"), "utf8");

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "known-truth-"));
beforeAll(() => process.chdir(root));
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

/** Numbers within the rounding of other machines' sums; everything else to the letter. */
function expectSame(found: readonly Row[], wanted: readonly Row[], columns: readonly string[]): void {
  expect(found.length).toBe(wanted.length);
  for (const [k, row] of wanted.entries()) {
    for (const column of columns) {
      const [is, was] = [found[k]![column]!, row[column]!];
      const where = `row ${k + 1}, ${column}`;
      if (Number.isNaN(Number(was))) expect(is, where).toBe(was);
      else
        expect(Math.abs(Number(is) - Number(was)), where).toBeLessThanOrEqual(1e-9 * Math.abs(Number(was)));
    }
  }
}

/** In one thread: tests run on the sources, which threads of Node cannot load. */
const run = (words: readonly string[]) =>
  voxplain(...words, ...(words[0] === "compare" ? ["--threads", "1"] : []));

describe("the results that the page shows are what the commands give", () => {
  const shown = isLong ? methods : ["integrated-gradients", "grad-cam"];
  const cases = shown.flatMap((method) =>
    (Object.keys(commands) as Analysis[]).map((analysis) => [method, analysis] as const),
  );
  it.each(cases)("%s: %s", async (method, analysis) => {
    const into = join(folder, method);
    const { status, errors } = await run(commands[analysis](method, into));
    expect(status, errors).toBe(0);
    const table = tableOf[analysis];
    const wanted = results(table).filter(
      (row) => row.method === method && (row.analysis === undefined || row.analysis === analysis),
    );
    expectSame(rowsOf(analysis, method, into), wanted, kept[table]!);
  });
});

const group = (name: string, method: string, of: string, column: string) =>
  results(name)
    .filter((row) => row.method === method && row.group === of && row[column] !== "n/a")
    .map((row) => Number(row[column]));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const auroc = (method: string, of: string, from = "localization.tsv") =>
  mean(group(from, method, of, "auroc"));
const share = (method: string, of: string) => mean(group("localization.tsv", method, of, "mass_share"));
const inside = (method: string) =>
  [
    ...group("localization.tsv", method, "AD", "pointing_game"),
    ...group("localization.tsv", method, "CN", "pointing_game"),
  ].filter((hit) => hit === 1).length;

/** Regions with p_FWE < 0.05. */
const found = (method: string, analysis: string) =>
  results("comparisons.tsv")
    .filter((row) => row.method === method && row.analysis === analysis && Number(row.p_fwe) < 0.05)
    .map(({ name = "" }) => name);
const tOf = (method: string, analysis: string, region: string) =>
  Number(
    results("comparisons.tsv").find(
      (row) => row.method === method && row.analysis === analysis && row.name === region,
    )?.t,
  );

/** The page, with every run of spaces and ends of lines as one space. */
const prose = page.replaceAll(/\s+/g, " ");
const says = (text: string) => expect(prose).toContain(text);

const byGradients = ["gradients", "input-x-gradient", "integrated-gradients", "smoothgrad", "deep-lift"];
const [hippocampusL, hippocampusR, amygdalaL, amygdalaR] = affected as [string, string, string, string];

describe("what the page says is so:", () => {
  it("every method has 40 sessions, at both sizes, and every region is there for both comparisons", () => {
    for (const method of methods) {
      for (const name of ["localization.tsv", "whole-maps.tsv"])
        expect(results(name).filter((row) => row.method === method).length).toBe(40);
      expect(results("comparisons.tsv").filter((row) => row.method === method).length).toBe(2 * 116);
    }
  });

  it("methods made of gradients point at the atrophy in both groups, in CN more than in AD", () => {
    says("AUROC 0.89 to 0.92 in CN, 0.84 to 0.90 in AD");
    for (const method of byGradients) {
      expect(auroc(method, "CN")).toBeGreaterThan(auroc(method, "AD"));
      expect(share(method, "CN")).toBeGreaterThan(share(method, "AD"));
    }
    const range = (of: string) => byGradients.map((method) => auroc(method, of)).sort();
    expect(range("CN").map((value) => value.toFixed(2))).toEqual(expect.arrayContaining(["0.89", "0.92"]));
    expect(range("AD")[0]!.toFixed(2)).toBe("0.84");
    expect(range("AD").at(-1)!.toFixed(2)).toBe("0.90");
    says("Most of the mass, 86 % and more, is elsewhere for every method");
    for (const method of methods) {
      expect(share("smoothgrad", "AD")).toBeGreaterThanOrEqual(share(method, "AD"));
      for (const of of ["AD", "CN"]) expect(share(method, of)).toBeLessThan(0.14);
      if (!["gradients", "smoothgrad", "region-occlusion"].includes(method))
        expect(inside(method)).toBeLessThan(Math.min(inside("gradients"), inside("smoothgrad")));
    }
    for (const method of ["guided-backpropagation", "deconvolution"]) expect(inside(method)).toBeLessThan(4);
  });

  it("LRP and Grad-CAM depend on the logit, and Grad-CAM does not localize", () => {
    says("an AUROC of 0.935 and 0.865 in AD, 0.634 and 0.220 in CN");
    const figures = ["AD", "CN"].flatMap((of) => ["lrp", "grad-cam"].map((one) => auroc(one, of).toFixed(3)));
    expect(figures).toEqual(["0.935", "0.865", "0.634", "0.220"]);
    says("with 1.6 % its mass share in AD is hardly above chance");
    expect((100 * share("grad-cam", "AD")).toFixed(1)).toBe("1.6");
    expect(inside("grad-cam")).toBe(0);
    expect(group("localization.tsv", "grad-cam", "CN", "mass_share").length).toBe(19);
  });

  it("averaging blocks raises the AUROC by 0.08 at most", () => {
    const rises = methods.map((method) => auroc(method, "AD") - auroc(method, "AD", "whole-maps.tsv"));
    expect(Math.max(...rises).toFixed(2)).toBe("0.08");
    for (const rise of rises) expect(rise).toBeGreaterThan(-0.01);
  });

  it("a hippocampus or its neighbour comes first in the mean map of AD, but for Grad-CAM", () => {
    for (const method of methods) {
      const ranked = results("enrichment.tsv")
        .filter((row) => row.method === method && row.group === "AD" && row.enrichment !== "n/a")
        .sort((a, b) => Number(b.enrichment) - Number(a.enrichment))
        .map(({ name = "" }) => name);
      expect(/Hippocamp/i.test(ranked[0]!), method).toBe(method !== "grad-cam");
      if (method === "grad-cam") continue;
      for (const one of [hippocampusL, hippocampusR]) expect(ranked.indexOf(one), method).toBeLessThan(9);
    }
  });

  it("which affected regions a comparison finds, and how many others", () => {
    const finds = (method: string) => affected.filter((name) => found(method, "signed").includes(name));
    expect(finds("integrated-gradients")).toEqual([hippocampusL, hippocampusR]);
    for (const method of ["input-x-gradient", "deep-lift"]) expect(finds(method)).toEqual([hippocampusR]);
    for (const method of ["gradients", "smoothgrad", "guided-backpropagation", "deconvolution"])
      expect(finds(method)).toEqual([]);
    expect(finds("region-occlusion")).toEqual([amygdalaL, amygdalaR]);
    says("10 to 56 others");
    const everywhere = ["lrp", "grad-cam", "region-occlusion"];
    const others = methods
      .filter((method) => !everywhere.includes(method))
      .map((method) => found(method, "signed").filter((name) => !affected.includes(name)).length);
    expect([Math.min(...others), Math.max(...others)]).toEqual([10, 56]);
    for (const method of everywhere) expect(found(method, "signed").length, method).toBeGreaterThan(95);
    for (const method of methods) {
      const rows = results("comparisons.tsv").filter(
        (row) => row.method === method && row.analysis === "signed" && row.t !== "n/a",
      );
      const [largest] = rows.sort((a, b) => Math.abs(Number(b.t)) - Math.abs(Number(a.t)));
      expect(affected, method).not.toContain(largest!.name);
      if (everywhere.includes(method)) expect(Math.abs(Number(largest!.t))).toBeGreaterThan(19.95);
    }
  });

  it("as shares, the left hippocampus holds less in AD for integrated gradients and input × gradient", () => {
    for (const method of ["integrated-gradients", "input-x-gradient"]) {
      expect(found(method, "share")).toContain(hippocampusL);
      expect(tOf(method, "share", hippocampusL)).toBeLessThan(0);
    }
  });

  it("the sentence of the paper has the numbers of the comparison", () => {
    const row = (region: string) =>
      results("comparisons.tsv").find(
        ({ method, analysis, name }) =>
          method === "integrated-gradients" && analysis === "signed" && name === region,
      )!;
    const [left, right] = [row(hippocampusL), row(hippocampusR)];
    const text = ({ t, p_fwe }: Row) => `(t = ${Number(t).toFixed(1)}, p_FWE = ${Number(p_fwe).toFixed(3)}`;
    expect(prose.replaceAll("> ", "")).toContain(`left ${text(left)}) and right hippocampus ${text(right)};`);
    const others = found("integrated-gradients", "signed").filter((name) => !affected.includes(name));
    expect(prose.replaceAll("> ", "")).toContain(`also differed in ${others.length} regions without`);
  });

  it("the tables have the mean over sessions and its 95 % interval", () => {
    const values = group("localization.tsv", "smoothgrad", "AD", "auroc");
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / 19);
    const half = (2.093 * spread) / Math.sqrt(20);
    const cell = `${mean(values).toFixed(3)} (${(mean(values) - half).toFixed(3)}–${(mean(values) + half).toFixed(3)})`;
    expect(localizationTable()).toContain(`| [SmoothGrad](/methods/smoothgrad) | ${cell} |`);
  });
});

it("the comparison of the page prints what the page shows", async () => {
  const shown = /```text\n( {2}A \(20\)[\s\S]*?)```/.exec(page)?.[1];
  const { output } = await run(commands.signed("integrated-gradients", join(folder, "page")));
  expect(output.split("\n").slice(1).join("\n")).toBe(shown);
});

it.each(casesOf(pictures.pictured, (method) => method === "grad-cam"))(
  "the picture of %s is what interpret draws",
  async (method) => {
    pictures.writePicturedList(folder);
    const { words, file } = pictures.pictureOf(method, folder);
    const { status, errors } = await voxplain(...words);
    expect(status, errors).toBe(0);
    const image = join(root, `apps/docs/pages/guide/images/known-truth/${method}.webp`);
    const page = "guide/known-truth.md";
    await expectFigure({ kind: "figure", title: `${page}: ${method}`, page, file, number: 1, image }, folder);
  },
);
