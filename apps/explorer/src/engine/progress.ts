import type { JobOptions } from "./engine.ts";
import type { Watcher } from "./watched-runtime.ts";

/** The progress of one job. What it tells never goes backwards. */
export interface JobProgress extends Watcher {
  reading(what: string): void;
  /** How many inputs will go through the network, as far as that is known. */
  expect(inputs: number): void;
  readonly count: number;
  done(): void;
}

/** @param now - In milliseconds. */
export function jobProgress(
  { signal, onProgress }: JobOptions,
  now: () => number = () => performance.now(),
): JobProgress {
  let expected: number | undefined;
  let count = 0;
  let fraction = 0;
  let started: number | undefined;
  let first = 0;
  const tell = (step: string, secondsLeft?: number) =>
    onProgress?.({ step, fraction: expected === undefined ? undefined : fraction, secondsLeft });
  return {
    signal,
    get count() {
      return count;
    },
    reading: (what) => tell(`reading ${what}`),
    expect(inputs) {
      expected = Math.max(1, inputs);
      tell("preparing the network");
    },
    opening() {
      // Opening takes its time, and says nothing of how long a pass takes.
      if (count === 0) started = undefined;
      tell("opening the network");
    },
    passed(inputs) {
      if (signal?.aborted) return;
      count += inputs;
      if (started === undefined) {
        started = now();
        first = count;
      }
      if (expected === undefined) return tell("computing");
      // What was expected is an estimate: only the end is 1.
      const reached = Math.min(count / expected, 0.99);
      fraction = Math.max(fraction, reached);
      const total = Math.max(expected, count);
      tell(expected === 1 ? "computing" : `pass ${Math.min(count, total)} of ${total}`, left(total));
    },
    done() {
      if (signal?.aborted) return;
      expected ??= 1;
      fraction = 1;
      tell("done", 0);
    },
  };

  /** Counted from the first pass that came back, whose own duration is not known. */
  function left(total: number): number | undefined {
    if (started === undefined || count >= total) return count >= total ? 0 : undefined;
    const seconds = (now() - started) / 1000;
    return count > first ? (seconds / (count - first)) * (total - count) : undefined;
  }
}
