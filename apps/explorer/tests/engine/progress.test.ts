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
  progress.expect(5);
  for (const seconds of [30, 32, 34]) {
    clock.seconds = seconds;
    progress.passed(1);
  }
  expect(told.map(({ secondsLeft }) => secondsLeft)).toEqual([undefined, undefined, 6, 4]);
  expect(told.at(-1)).toEqual({ step: "pass 3 of 5", fraction: 0.6, secondsLeft: 4 });
});

it("more passes than were expected do not take the bar back, and only the end is the end", () => {
  const { told, progress } = recorded();
  progress.expect(2);
  for (let pass = 0; pass < 4; pass++) progress.passed(1);
  progress.done();
  expect(told.map(({ fraction }) => fraction)).toEqual([0, 0.5, 0.99, 0.99, 0.99, 1]);
});

it("a job that was cancelled tells nothing more", () => {
  const told: EngineProgress[] = [];
  const progress = jobProgress({ signal: AbortSignal.abort(), onProgress: (one) => told.push(one) });
  progress.passed(1);
  progress.done();
  expect(told).toEqual([]);
});
