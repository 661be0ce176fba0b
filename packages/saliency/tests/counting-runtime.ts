import type { ModelRuntime } from "@voxplain/core";

/** A runtime that says how many runs were computed, of how many inputs, and how many sessions are open. */
export interface CountingRuntime extends ModelRuntime {
  readonly counts: { runs: number; inputs: number; open: number };
}

/** @param onRun - Called when a run begins to be computed, with its number from 1. */
export function countingRuntime(
  runtime: ModelRuntime,
  onRun: (run: number) => void = () => {},
): CountingRuntime {
  const counts = { runs: 0, inputs: 0, open: 0 };
  return {
    ...runtime,
    counts,
    async createSession(model, options) {
      const session = await runtime.createSession(model, options);
      counts.open++;
      let queue: Promise<unknown> = Promise.resolve();
      return {
        ...session,
        run(feeds, runOptions) {
          const turn = queue.then(() => {
            runOptions?.signal?.throwIfAborted();
            counts.runs++;
            counts.inputs += Object.values(feeds)[0]?.dims[0] ?? 0;
            const result = session.run(feeds, runOptions);
            onRun(counts.runs);
            return result;
          });
          queue = turn.catch(() => {});
          return turn;
        },
        async release() {
          await session.release();
          counts.open--;
        },
      };
    },
  };
}
