/**
 * The result of work that goes on by itself, unless the signal ends the wait first.
 * @throws The signal's reason, at once, when it is aborted.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  // Nobody waits any longer for work that fails after the abort.
  work.catch(() => {});
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stop();
  }
}

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the signal is aborted, and not when it was before. All that wait for a signal share one listener:
 * Node takes more than ten for a leak, and a job may have hundreds of runs in flight.
 * @returns How to stop waiting.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const known = waiting.get(signal);
  const all = known ?? new Set();
  if (known === undefined) {
    waiting.set(signal, all);
    signal.addEventListener("abort", () => callAll(all), { once: true });
  }
  // The same callback may be given twice.
  const own = () => callback();
  all.add(own);
  return () => void all.delete(own);
}

function callAll(callbacks: ReadonlySet<() => void>): void {
  for (const callback of [...callbacks]) callback();
}

/** How long, in milliseconds, a computation may keep other events waiting. */
const longestStretch = 50;

/**
 * Interrupts a long computation every 50 ms, so that events are handled: an abort, a click, a message.
 * Call the function often; it costs little while the time is not up.
 * @returns A function that throws the signal's reason after an abort.
 */
export function pauses(signal: AbortSignal | undefined): () => Promise<void> {
  let resumed = performance.now();
  return async () => {
    if (performance.now() - resumed < longestStretch) return;
    await nextTask();
    signal?.throwIfAborted();
    resumed = performance.now();
  };
}

/** Resolves after the events that wait. Not by a timer: browsers slow down the timers of pages in the background. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
