import { expect, it } from "vitest";
import type { EngineProgress } from "../../src/engine/engine.ts";
import { jobProgress } from "../../src/engine/progress.ts";

function recorded() {
  const told: EngineProgress[] = [];
  const clock = { seconds: 0 };
  const progress = jobProgress({ onProgress: (one) => told.push(one) }, () => clock.seconds * 1000);
  return { told, clock, progress };
}

it("the time left is that of the passes that came after the first, which has waited for the start", () => {
  const { told, clock, progress } = recorded();
  progress.at({ passes: 0, expected: 5 });
  for (const [passes, seconds] of [30, 32, 34].entries()) {
    clock.seconds = seconds;
    progress.at({ passes: passes + 1, expected: 5 });
  }
  expect(told.map(({ secondsLeft }) => secondsLeft)).toEqual([undefined, undefined, 6, 4]);
  expect(told.at(-1)).toEqual({ step: "pass 3 of 5", fraction: 0.6, secondsLeft: 4 });
});

it("more passes than were expected do not take the bar back, and only the end is the end", () => {
  const { told, progress } = recorded();
  for (const [passes, expected] of [
    [0, 2],
    [1, 2],
    [2, 4],
    [4, 4],
  ] as const) {
    progress.at({ passes, expected });
  }
  progress.done();
  expect(told.map(({ fraction }) => fraction)).toEqual([0, 0.5, 0.5, 0.99, 1]);
});

it("a job that was cancelled tells nothing more", () => {
  const told: EngineProgress[] = [];
  const progress = jobProgress({ signal: AbortSignal.abort(), onProgress: (one) => told.push(one) });
  progress.at({ passes: 1, expected: 2 });
  progress.done();
  expect(told).toEqual([]);
});
