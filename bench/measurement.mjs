// Programs in turn, and what is kept of their times.
import { setTimeout as wait } from "node:timers/promises";
import { median } from "./statistics.mjs";

/** The values of each program, which run one after the other in each round; rounds below 0 are not counted. */
export async function interleaved(programs, { rounds, warmUp = 0 }) {
  const values = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, run] of Object.entries(programs)) {
      // Threads of the program before may still spin for a moment, waiting for more to do.
      await wait(100);
      const value = await run();
      if (round >= 0) values[name].push(value);
    }
  }
  return values;
}

/** Median and range. */
export function summary(values) {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** How many times as long the second program took as the first, by rounds. */
export function ratioOf(first, second) {
  return summary(first.map((value, round) => second[round] / value));
}

/** Values of programs with how many times as long as Voxplain each other one took, and the settings of those that have any. */
export function compare(programs, settings) {
  const others = Object.keys(programs).filter((name) => name !== "Voxplain");
  return {
    programs,
    ratios: Object.fromEntries(others.map((name) => [name, ratioOf(programs.Voxplain, programs[name])])),
    settings: Object.fromEntries(Object.entries(settings).map(([name, { setting }]) => [name, setting])),
  };
}

export async function timed(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
