/** Does one thing at a time, in the order in which it was asked. */
export interface JobQueue {
  /** Rejects as soon as the signal is aborted; what was begun ends at its next step, and the next job waits for that. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export function jobQueue(): JobQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(work, signal) {
      const turn = last.then(() => {
        signal?.throwIfAborted();
        return work();
      });
      last = turn.catch(() => {});
      return signal === undefined ? turn : orAborted(turn, signal);
    },
  };
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
