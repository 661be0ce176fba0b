import { type Html, html } from "../html/html.ts";
import { table } from "../html/pieces.ts";
import type { ReportedTable } from "../report.ts";

/** How many sessions of each true class were predicted as which; nothing for numbers and without true labels. */
export function confusion({ columns, rows }: ReportedTable): Html {
  const isJudged = ["true_label", "predicted_label", "proba0"].every((column) => columns.includes(column));
  const classes = columns.filter((column) => /^proba\d+$/.test(column)).map((column) => column.slice(5));
  if (!isJudged || classes.length > 20) return html``;
  const count = (truth: string, predicted: string) =>
    rows.filter((row) => String(row.true_label) === truth && String(row.predicted_label) === predicted)
      .length;
  const counts = classes.map((truth) => classes.map((predicted) => count(truth, predicted)));
  const judged = counts.flat().reduce((sum, n) => sum + n, 0);
  if (judged === 0) return html`<p>No session has a true label, so the predictions are not judged.</p>`;
  const byTruth = {
    columns: ["truth", ...classes.map((predicted) => `class ${predicted}`)],
    rows: classes.map((truth, k) => ({
      truth: `truly class ${truth}`,
      ...Object.fromEntries(classes.map((predicted, n) => [`class ${predicted}`, counts[k]?.[n] ?? 0])),
    })),
  };
  return table(byTruth, { caption: "Sessions by true and predicted class", headings: { truth: "truth" } });
}
