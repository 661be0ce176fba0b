// Programs in turn, and what is kept of their times.
import { median } from "./statistics.mjs";

/** The values of each program, which run one after the other in each round; rounds below 0 are not counted. */
export async function interleaved(programs, { rounds, warmUp = 0 }) {
  const values = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, run] of Object.entries(programs)) {
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

/** How many times as long the other program took, by rounds. */
export function ratioOf(ours, theirs) {
  return summary(ours.map((value, round) => theirs[round] / value));
}

export async function timed(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
