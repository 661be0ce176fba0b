import { pauses } from "./abort.ts";

/** A long computation that can be interrupted wherever it yields. */
export type Steps<Result> = Generator<void, Result>;

/** Computes all steps at once. */
export function allSteps<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Lets other events be handled between steps. */
export async function stepByStep<Result>(
  steps: Steps<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  const pause = pauses(signal);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await pause();
  }
}
