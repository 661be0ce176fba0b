/** Measures the steps of a job. */
export interface Stopwatch {
  /** By the name of the step. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Ends the step of this name, and begins the next. */
  lap(step: string): void;
}

/** The durations of a record: seconds between laps, by the name of the step that a lap ends. */
export function stopwatch(): Stopwatch {
  let before = performance.now();
  const seconds: Record<string, number> = {};
  return {
    seconds,
    lap(step) {
      const now = performance.now();
      seconds[step] = (now - before) / 1000;
      before = now;
    },
  };
}
