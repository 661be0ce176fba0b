// The tables of the page on a cohort with known atrophy, from tests/known-truth/results.
import { methods as entries } from "@voxplain/saliency";
import { affected, methods, readTable } from "./known-truth-analyses.mjs";
import { table } from "./performance.mjs";

const results = new URL("../../../tests/known-truth/results/", import.meta.url);
const rowsIn = (name) => readTable(new URL(name, results));

/** Two-sided 95 % quantiles of Student's t for so many sessions less one. */
const quantiles = { 19: 2.1009, 20: 2.093 };

/** Mean and 95 % confidence interval over sessions; sessions without a value are counted. */
export function interval(cells, digits) {
  const values = cells.filter((cell) => cell !== "n/a").map(Number);
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = quantiles[n] * Math.sqrt(variance / n);
  const text = `${mean.toFixed(digits)} (${(mean - half).toFixed(digits)}–${(mean + half).toFixed(digits)})`;
  return n === cells.length ? text : `${text}, ${n} sessions`;
}

const linkTo = (method) => `[${entries[method].title}](/methods/${method})`;

/** Mass share, AUROC and pointing game of every method, for both groups. */
export function localizationTable() {
  const rows = rowsIn("localization.tsv");
  const whole = rowsIn("whole-maps.tsv");
  const of = (from, method, group) => from.filter((row) => row.method === method && row.group === group);
  return table(
    [
      "",
      "AUROC, AD",
      "AUROC, CN",
      "mass share, AD, %",
      "mass share, CN, %",
      "peak inside, AD + CN",
      "AUROC at 2 mm, AD",
    ],
    methods.map((method) => {
      const [ad, cn] = ["AD", "CN"].map((group) => of(rows, method, group));
      const cells = (group, column) => group.map((row) => row[column]);
      const percent = (group) =>
        cells(group, "mass_share").map((cell) => (cell === "n/a" ? cell : String(100 * cell)));
      const inside = (group) => group.filter((row) => row.pointing_game === "1").length;
      const large = cells(of(whole, method, "AD"), "auroc");
      return [
        linkTo(method),
        interval(cells(ad, "auroc"), 3),
        interval(cells(cn, "auroc"), 3),
        interval(percent(ad), 1),
        interval(percent(cn), 1),
        `${inside(ad)} + ${inside(cn)} of 40`,
        large.length === 0 ? "not computed" : interval(large, 3),
      ];
    }),
  );
}

/** What a comparison of AD with CN finds in the affected regions, and how much elsewhere. */
export function comparisonTable(analysis) {
  const all = rowsIn("comparisons.tsv").filter((row) => row.analysis === analysis);
  return table(
    [
      "",
      ...affected.map((name) => name.replace("_", " ")),
      "other regions with p_FWE < 0.05",
      "largest t of either sign",
    ],
    methods.map((method) => {
      const rows = all.filter((row) => row.method === method && row.t !== "n/a");
      const isFound = ({ p_fwe }) => Number(p_fwe) < 0.05;
      const others = rows.filter(({ name }) => !affected.includes(name));
      const [largest] = rows.toSorted((a, b) => Math.abs(b.t) - Math.abs(a.t));
      return [
        linkTo(method),
        ...affected.map((name) => {
          const row = rows.find((one) => one.name === name);
          const text = signed(row.t);
          return isFound(row) ? `**${text}**` : text;
        }),
        `${others.filter(isFound).length} of ${others.length}`,
        `${largest.name.replaceAll("_", " ")} (${signed(largest.t)})`,
      ];
    }),
  );
}

/** The regions with the largest enrichment in the mean map of AD. */
export function enrichmentTable() {
  const rows = rowsIn("enrichment.tsv").filter(
    ({ group, enrichment }) => group === "AD" && enrichment !== "n/a",
  );
  return table(
    ["", "first", "second", "third", "ranks of the affected regions"],
    methods.map((method) => {
      const ranked = rows
        .filter((row) => row.method === method)
        .sort((a, b) => Number(b.enrichment) - Number(a.enrichment));
      const text = ({ name, enrichment }) => {
        const plain = `${name.replaceAll("_", " ")} (${Number(enrichment).toFixed(1)})`;
        return affected.includes(name) ? `**${plain}**` : plain;
      };
      const ranks = affected.map((name) => 1 + ranked.findIndex((row) => row.name === name));
      return [linkTo(method), ...ranked.slice(0, 3).map(text), ranks.sort((a, b) => a - b).join(", ")];
    }),
  );
}

function signed(t) {
  return Number(t).toFixed(1).replace("-", "−");
}
