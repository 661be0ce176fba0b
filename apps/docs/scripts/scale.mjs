// The page on large cohorts: what many sessions take, computed from what `bench/scale.mjs` measured with few.
import { factsOf, measured, number, scaled, table } from "./performance.mjs";

const cohorts = [100, 10_000, 100_000];

/** A CAPS image of a whole brain of 169×208×179 in float32. */
const imageMegabytes = (169 * 208 * 179 * 4) / 1e6;

/**
 * Core hours, memory and disk by method, and a larger run beside what the same model says of it.
 * @param {ReadonlyArray<Readonly<Record<string, any>>>} [releases] by date
 */
export function scalePage(releases = measured()) {
  const newest = releases.at(-1);
  const names = scaled.filter((name) => newest?.measurements[name] !== undefined);
  if (names.length === 0) return "Not measured for this release.";
  const rows = names.flatMap((name) => newest.measurements[name].rows);
  const sessions = cohorts.map((count) => `${thousands(count)} sessions`);
  const time = table(
    ["core hours", "seconds of a session", ...sessions],
    rows.map(({ what, threads, cost }) => [
      what,
      number(cost.sessionSeconds),
      ...cohorts.map((count) => amount((threads * seconds(cost, count)) / 3600)),
    ]),
  );
  const space = table(
    ["", "peak memory, MB", ...sessions.map((text) => `disk for ${text}, GB`)],
    [
      ["the images themselves", "", ...cohorts.map((count) => amount((count * imageMegabytes) / 1000))],
      ...rows
        .filter(({ cost }) => cost.resultMegabytes !== undefined)
        .map((row) => [
          row.what,
          number(row.cost.peakMegabytes),
          ...cohorts.map((count) => amount(resultMegabytes(row, count) / 1000)),
        ]),
    ],
  );
  return [...factsOf(newest, names), time, space, check(newest, rows)].filter(Boolean).join("\n\n");
}

/** A result with more than this besides what each session adds has one map: a mean. */
const oneMapMegabytes = 1;

/** A mean takes the same for any number of sessions: how well it compresses differs from map to map, which is no cost of a session. */
function resultMegabytes({ programs, cost }, count) {
  const isMean = cost.resultMegabytes > oneMapMegabytes;
  const measured = Object.keys(programs).map((name) => Number(name.split(" ").at(-1)));
  return cost.resultMegabytes + (isMean ? Math.max(...measured) : count) * cost.sessionMegabytes;
}

const seconds = ({ startSeconds, sessionSeconds }, count) => startSeconds + count * sessionSeconds;

/** The largest measured run of gradients, and what the model says of it. */
function check({ measurements }, rows) {
  const runs = [measurements.memory, measurements.manySessions].flatMap((measurement) =>
    (measurement?.rows ?? [])
      .filter(({ unit, sessions }) => unit === "s" && sessions)
      .map((row) => ({ ...row, load: measurement.load })),
  );
  const largest = runs.sort((a, b) => a.sessions - b.sessions).at(-1);
  const gradients = rows.find(({ what }) => what === "gradients");
  if (largest === undefined || gradients === undefined) return undefined;
  const [took] = largest.programs.Voxplain;
  const said = seconds(gradients.cost, largest.sessions);
  const { others } = largest.load;
  return `A run of gradients with ${thousands(largest.sessions)} sessions took ${number(took)} s, where this computation says ${number(said)} s (${number(took / said)} times as long; other programs took ${(100 * others).toFixed(0)} % of the processors meanwhile).`;
}

const thousands = (count) => count.toLocaleString("en-US");

const amount = (value) =>
  value >= 1000 ? thousands(Math.round(value)) : value >= 0.1 ? number(value) : value.toFixed(3);
