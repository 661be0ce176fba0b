// The page that compares maps with those of other tools, from what bench/tools.mjs measured. No number in it is typed by hand.
import { readdirSync, readFileSync } from "node:fs";
import { table } from "./markdown.mjs";

const folder = new URL("../../../bench/results/tools/", import.meta.url);

/** The comparisons of all networks, and of the newest what they were measured with. */
function measured() {
  const files = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));
  const byDate = files.toSorted((a, b) => a.date.localeCompare(b.date));
  return { ...byDate.at(-1), rows: files.flatMap(({ rows }) => rows) };
}

/** Up to here two maps are said to agree. */
const bound = 1e-5;
/** Some maps are sensitive to rounding, as small differences of logits are: so many times what the tool's own float32 misses. */
const timesOwnFloat32 = 5;

/** A comparison's larger error, with the kernels or without them. */
const errorOf = ({ error, withoutKernels }) => Math.max(error, withoutKernels);

/** What the tool is said to compute is what it computes, and ours is what it is said to be. */
const isExplained = ({ shown, ofDefinition }) =>
  errorOf(ofDefinition) <= bound && shown.every(({ error }) => error <= bound);

function kindOf(row) {
  if (errorOf(row) <= bound) return "agrees";
  if (row.difference !== undefined) return isExplained(row) ? "differs" : "unexplained";
  return errorOf(row) <= timesOwnFloat32 * row.toolFloat32 ? "rounds" : "unexplained";
}

const ofKind = (rows, ...kinds) => rows.filter((row) => kinds.includes(kindOf(row)));

/** How many comparisons there are, and how they came out. */
export function toolsSummary({ rows, date, machine, node, torch } = measured()) {
  const agree = ofKind(rows, "agrees");
  const round = ofKind(rows, "rounds");
  const differ = ofKind(rows, "differs");
  const unexplained = ofKind(rows, "unexplained");
  const sentences = [
    `**${agree.length} of ${rows.length} comparisons agree within ${figure(bound)}**; their median distance is ${figure(median(agree.map(errorOf)))}.`,
  ];
  if (round.length > 0) {
    const most = figure(Math.max(...round.map(errorOf)));
    const ratio = Math.max(...round.map((row) => errorOf(row) / row.toolFloat32)).toFixed(1);
    sentences.push(
      `${round.length} are sensitive to rounding: their distance is at most ${most}, and at most ${ratio} times that of the tool's own float32.`,
    );
  }
  if (differ.length > 0)
    sentences.push(
      `In ${differ.length}, the tool computes something else, and [the named difference](#what-differs) accounts for the distance within ${figure(bound)}.`,
    );
  sentences.push(
    unexplained.length === 0 ? "None is left unexplained." : `${unexplained.length} are not explained.`,
  );
  const versionOfTorch = torch.split(/[a+]/)[0];
  return `${sentences.join(" ")}

Measured by \`bench/tools.mjs\` on ${machine}, Node ${node.slice(1)}, PyTorch ${versionOfTorch}, ${date}.`;
}

/** A row for each tool. */
export function toolsTable({ rows, versions } = measured()) {
  const numbers = ["comparisons", "agree", "round", "differ", "median", "largest", "its own float32"];
  const cells = [...grouped(rows, ({ tool }) => tool)].map(([tool, all]) => {
    const alike = ofKind(all, "agrees", "rounds");
    const counts = [all, ...["agrees", "rounds", "differs"].map((kind) => ofKind(all, kind))];
    const errors = alike.map(errorOf);
    return [
      ...[tool, versions[tool] ?? "not stated"],
      ...counts.map(({ length }) => String(length)),
      ...[median(errors), Math.max(...errors), Math.max(...alike.map((row) => row.toolFloat32))].map(figure),
    ];
  });
  return table(["tool", "version", ...numbers], cells, numbers);
}

/** What tools compute otherwise, and what shows it. */
export function differencesTable({ rows } = measured()) {
  const differ = ofKind(rows, "differs");
  return table(
    [
      "tool",
      "calls",
      "comparisons",
      "the difference",
      "ours to the tool",
      "what was compared",
      "largest distance",
    ],
    [...grouped(differ, ({ tool, difference }) => `${tool} ${difference}`).values()].flatMap((all) => {
      const [{ tool, difference, shown }] = all;
      const calls = [...new Set(all.map(({ call }) => code(call)))].join(", ");
      const claims = [
        ["ours, and the formula without the difference", all.map((row) => errorOf(row.ofDefinition))],
        ...shown.map(({ claim }, k) => [claim, all.map((row) => row.shown[k].error)]),
      ];
      const first = [tool, calls, String(all.length), difference, rangeOf(all.map(errorOf))];
      return claims.map(([claim, errors], k) => [
        ...(k === 0 ? first : first.map(() => "")),
        ...[claim, figure(Math.max(...errors))],
      ]);
    }),
  );
}

/** Every comparison, by network. */
export function comparisonsTables({ rows } = measured()) {
  return [...grouped(rows, ({ network }) => network)]
    .map(([network, all]) => {
      const numbers = ["blocks", "ours", "without kernels", "tool's float32"];
      const heads = ["tool", "call", "here", ...numbers, ""];
      const cells = all.map((row) => [
        ...[row.tool, code(row.call), here(row), String(row.blocks)],
        ...[row.error, row.withoutKernels, row.toolFloat32].map(figure),
        [row.note, marks[kindOf(row)]].filter(Boolean).join("; "),
      ]);
      return `### ${network}\n\n${table(heads, cells, numbers)}`;
    })
    .join("\n\n");
}

const marks = { differs: "[what differs](#what-differs)", rounds: "sensitive to rounding" };
const checks = ["infidelity", "max-sensitivity", "parameter-randomization"];

function here({ method, options }) {
  const link = checks.includes(method) ? "/checks" : `/methods/${method}`;
  const { layer, ...given } = options;
  const words = Object.entries(given).map(([name, value]) => `${name} ${text(value)}`);
  return [`[${method}](${link})`, ...words].join(", ");
}

function text(value) {
  if (Array.isArray(value)) return value.join("×");
  return typeof value === "object" ? "of rules" : String(value);
}

const code = (call) => `\`${call}\``;
const figure = (value) => (value === 0 ? "0" : value.toExponential(1));

function rangeOf(values) {
  const [least, most] = [figure(Math.min(...values)), figure(Math.max(...values))];
  return least === most ? least : `${least} to ${most}`;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

function grouped(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}
