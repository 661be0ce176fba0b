import type { Progress } from "@voxplain/study";
import type { JobOptions } from "./engine.ts";

/** The progress of one job. What it reports never goes backwards. */
export interface JobProgress {
  readonly signal: AbortSignal | undefined;
  preparing(what: string): void;
  /** A graph is on its way to the runtime. */
  opening(): void;
  /** Passes through the network, of those that are expected. */
  at(progress: Pick<Progress, "passes" | "expected">): void;
  done(): void;
}

/** @param now - In milliseconds. */
export function jobProgress(
  { signal, onProgress }: JobOptions,
  now: () => number = () => performance.now(),
): JobProgress {
  let fraction: number | undefined;
  let first: { readonly passes: number; readonly at: number } | undefined;
  let last = "";
  const report = (step: string, secondsLeft?: number) => {
    if (signal?.aborted || step === last) return;
    last = step;
    onProgress?.({ step, fraction, secondsLeft });
  };
  /** Counted from the first pass that came back, whose own duration is not known. */
  const left = (passes: number, expected: number) => {
    if (passes >= expected) return 0;
    if (first === undefined || passes <= first.passes) return undefined;
    return ((now() - first.at) / 1000 / (passes - first.passes)) * (expected - passes);
  };
  return {
    signal,
    preparing: (what) => report(`reading ${what}`),
    opening() {
      // Opening takes its time, and says nothing of how long a pass takes.
      if (first?.passes === 0) first = undefined;
      report("opening the network");
    },
    at({ passes, expected }) {
      if (passes > 0) first ??= { passes, at: now() };
      if (expected === undefined) return report("computing");
      // What is expected is an estimate: only the end is 1.
      fraction = Math.max(fraction ?? 0, Math.min(passes / Math.max(1, expected), 0.99));
      report(expected === 1 ? "computing" : `pass ${passes} of ${expected}`, left(passes, expected));
    },
    done() {
      fraction = 1;
      report("done", 0);
    },
  };
}
