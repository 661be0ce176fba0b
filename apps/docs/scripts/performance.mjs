// The page on performance, from what `bench/run.mjs --release` measured. No number in it is typed by hand.
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../../bench/results/speed/", import.meta.url);

const measured = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")))
    .sort((a, b) => a.date.localeCompare(b.date));

/**
 * The newest release in a table, and all in charts.
 * @param {ReadonlyArray<Readonly<Record<string, any>>>} [releases] by date
 */
export function performancePage(releases = measured()) {
  const newest = releases.at(-1);
  if (newest === undefined) throw new Error("no release has been measured");
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const head = ["", "program", "median (range)", "ratio", "load"];
  return [
    factsOf(newest),
    [line(head), line(head.map(() => "---")), ...rowsOf(newest).map(line)].join("\n"),
    ...charted.map((name) => chart(name, releases)).filter((svg) => svg !== undefined),
  ].join("\n\n");
}

function factsOf({ release, machine, node, date, pytorch }) {
  const { processor, gibibytes, copyGigabytesPerSecond: copies, gigaflops } = machine;
  const speeds =
    copies && gigaflops
      ? `It copied ${withRange(copies, "GB/s")} and multiplied ${withRange(gigaflops, "GFLOP/s")}.`
      : "What it copies and multiplies in a second was not recorded.";
  const other = pytorch?.isCurrent
    ? ` PyTorch ${pytorch.version} ran in turn with Voxplain, in the fastest of the settings that \`bench/README.md\` lists.`
    : "";
  return `Measured on ${processor}, ${gibibytes} GiB of memory, Node ${node.slice(1)}, on ${date} (${release}). ${speeds}${other}`;
}

/** One row for each program. Times of PyTorch without a ratio, of an old one or on a busy machine, stay away. */
function rowsOf({ measurements, pytorch }) {
  return Object.values(measurements)
    .flat()
    .flatMap(({ what, unit, threads, programs, ratio, timesNode, load }) =>
      Object.entries(programs)
        .filter(([program]) => program !== "PyTorch" || (pytorch?.isCurrent && (ratio || unit === "MB")))
        .map(([program, values], place) => [
          place > 0 ? "" : threads === undefined ? what : `${what} (threads: ${threads})`,
          program,
          withRange(summary(values), unit),
          program === "PyTorch" && ratio
            ? `${withRange(ratio, "")} × Voxplain`
            : program === "Chromium" && timesNode
              ? `${withRange(timesNode, "")} × Node`
              : "",
          place > 0 ? "" : load ? `${busy(load.before)} to ${busy(load.after)}` : "not recorded",
        ]),
    );
}

const busy = ({ busy: share }) => `${(100 * share).toFixed(0)} %`;

const number = (value) => (value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0));

function withRange({ median, least, most }, unit) {
  const range = least === most ? "" : ` (${number(least)} to ${number(most)})`;
  return `${number(median)} ${unit}`.trim() + range;
}

function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median, least: sorted[0], most: sorted.at(-1) };
}

const charted = ["gradient", "wholeProcess", "integrated", "patches"];

/** Bars of one measurement by release, with a line over the range; undefined where no release has it. */
function chart(name, releases) {
  const bars = releases.flatMap(({ release, measurements }) => {
    const [first] = measurements[name] ?? [];
    return first === undefined ? [] : [{ release, ...first, ...summary(first.programs.Voxplain) }];
  });
  if (bars.length === 0) return undefined;
  const largest = Math.max(...bars.map(({ most }) => most));
  const x = (value) => (120 + (380 * value) / largest).toFixed(1);
  const { what } = bars[0];
  const drawn = bars.map(({ release, unit, median, least, most }, k) => {
    const y = 34 + 26 * k;
    return [
      `<text x="112" y="${y + 13}" text-anchor="end" font-size="12" fill="currentColor">${release}</text>`,
      `<rect x="120" y="${y}" width="${(x(median) - 120).toFixed(1)}" height="18" fill="#3b7dd8"/>`,
      `<path d="M${x(least)} ${y + 9}H${x(most)}" stroke="currentColor" stroke-width="2"/>`,
      `<text x="510" y="${y + 13}" font-size="12" fill="currentColor">${number(median)} ${unit}</text>`,
    ].join("");
  });
  const label = `${what}: ${bars.map(({ release, median, unit }) => `${release} ${number(median)} ${unit}`).join(", ")}`;
  return [
    `<svg viewBox="0 0 600 ${40 + 26 * bars.length}" role="img" aria-label="${label}" style="max-width: 600px; width: 100%">`,
    `<text x="0" y="18" font-size="13" fill="currentColor">${what}</text>${drawn.join("")}</svg>`,
  ].join("");
}
