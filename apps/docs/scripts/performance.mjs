// The pages on performance and the table of the README, from what `bench/run.mjs --release` measured. No number in them is
// typed by hand.
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../../bench/results/speed/", import.meta.url);

/** The results of all releases, the newest last. */
export const measured = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")))
    .sort((a, b) => dateOf(a).localeCompare(dateOf(b)));

/** What is measured for the page on large cohorts. */
export const scaled = ["scale", "scaleParts"];
/** What has a table of its own. */
const apart = [...scaled, "profile"];

/**
 * The newest release in tables, and all in charts.
 * @param {ReadonlyArray<Readonly<Record<string, any>>>} [releases] by date
 */
export function performancePage(releases = measured()) {
  const newest = newestOf(releases);
  const head = ["", "program", "median (range)", "times Voxplain", "others took"];
  return [
    ...factsOf(newest),
    table(head, rowsOf(newest)),
    "*Times Voxplain*: how many times as long as Voxplain a program took; below 1, it was faster. *Others took*: the share of the processors that other programs used meanwhile.",
    ...charted.map((name) => chart(name, releases)).filter((svg) => svg !== undefined),
  ].join("\n\n");
}

/**
 * Where the time of a command goes.
 * @param {ReadonlyArray<Readonly<Record<string, any>>>} [releases] by date
 */
export function profileTable(releases = measured()) {
  const newest = newestOf(releases);
  const profile = newest.measurements.profile;
  if (profile === undefined) return "Not measured for this release.";
  const rows = profile.rows.map(({ what, programs }) => [withRange(summary(programs.Voxplain), ""), what]);
  return [...factsOf(newest, ["profile"]), table(["milliseconds", "step"], rows)].join("\n\n");
}

/**
 * The table in the README.
 * @param {ReadonlyArray<Readonly<Record<string, any>>>} [releases] by date
 */
export function shortTable(releases = measured()) {
  const newest = newestOf(releases);
  const rows = headlines.flatMap((name) => {
    const first = newest.measurements[name]?.rows[0];
    if (first === undefined) return [];
    const { what, unit, programs, ratios = {} } = first;
    const cell = (program) =>
      ratios[program] === undefined
        ? "not measured"
        : `${number(summary(programs[program]).median)} ${unit} (${number(ratios[program].median)} ×)`;
    return [[what, `${number(summary(programs.Voxplain).median)} ${unit}`, ...opponents.map(cell)]];
  });
  const shown = headlines.filter((name) => newest.measurements[name] !== undefined);
  const meaning = "In parentheses: how many times as long as Voxplain it took; below 1, it was faster.";
  return [...factsOf(newest, shown), table(["", "Voxplain", ...opponents], rows), meaning].join("\n\n");
}

const opponents = ["PyTorch", "PyTorch, rewritten"];
const charted = ["gradient", "wholeProcess", "patches", "slices", "integrated", "occlusion"];
const headlines = ["gradient", "oneCore", "busyNeighbour", ...charted.slice(1)];

function newestOf(releases) {
  const newest = releases.at(-1);
  if (newest === undefined) throw new Error("no release has been measured");
  return newest;
}

const dateOf = ({ measurements }) =>
  Object.values(measurements)
    .map(({ date }) => date)
    .sort()
    .at(-1) ?? "";

/** One sentence for each machine, version and date, with the measurements that it is about where there are several. */
export function factsOf({ measurements }, names = Object.keys(measurements)) {
  const groups = new Map();
  for (const name of names) {
    const { date, version, node, machine } = measurements[name];
    const { processor, gibibytes } = machine;
    const place = `Voxplain ${version} on ${processor}, ${gibibytes} GiB of memory, Node ${node.slice(1)}, on ${date.slice(0, 10)}`;
    groups.set(place, [...(groups.get(place) ?? []), name]);
  }
  const places = Array.from(groups, ([place, about]) => {
    const of = (key) => summary(about.map((name) => measurements[name].machine[key].median));
    const which = groups.size > 1 ? ` (${about.join(", ")})` : "";
    const speeds = `It copied ${withRange(of("copyGigabytesPerSecond"), "GB/s")} and multiplied ${withRange(of("gigaflops"), "GFLOP/s")}.`;
    return `Measured${which}: ${place}. ${speeds}`;
  });
  return [...places, ...new Set(names.map((name) => opponentOf(measurements[name].pytorch)))].filter(Boolean);
}

function opponentOf(pytorch) {
  if (!pytorch?.isCurrent) return undefined;
  const { version, newestServed, newestKnown } = pytorch;
  const served = newestServed === undefined ? "" : ", the newest that the package index served";
  const newer =
    newestServed === undefined || newestServed === newestKnown.version
      ? ""
      : ` (the newest known: ${newestKnown.version} of ${newestKnown.date})`;
  return `PyTorch ${version.split("+")[0]}${served}${newer}, ran in turn with Voxplain, each in its fastest setting: as ClinicaDL builds the network, and rewritten for speed (batch normalization folded into convolutions, ReLU in place, padding within pooling).`;
}

/** One row for each program. Times of PyTorch without a ratio, of an old one or on a busy machine, stay away. */
function rowsOf({ measurements }) {
  return Object.entries(measurements)
    .filter(([name]) => !apart.includes(name))
    .flatMap(([, { load, pytorch, rows }]) =>
      rows.flatMap(({ what, unit, threads, programs, ratios = {}, timesNode }) =>
        Object.entries(programs)
          .filter(
            ([program]) =>
              !opponents.includes(program) ||
              ratios[program] !== undefined ||
              (unit === "MB" && pytorch?.isCurrent),
          )
          .map(([program, values], place) => [
            place > 0 ? "" : threads === undefined ? what : `${what} (threads: ${threads})`,
            program,
            withRange(summary(values), unit),
            ratios[program] !== undefined
              ? withRange(ratios[program], "")
              : program === "Chromium" && timesNode
                ? `${withRange(timesNode, "")} × Node`
                : "",
            place > 0 ? "" : `${(100 * load.others).toFixed(0)} %`,
          ]),
      ),
    );
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export const number = (value) =>
  value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);

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

/** Bars of one measurement by release, with a line over the range; undefined where no release has it. */
function chart(name, releases) {
  const bars = releases.flatMap(({ release, measurements }) => {
    const first = measurements[name]?.rows[0];
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
