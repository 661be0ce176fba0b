let beforeEnd: ((signal: NodeJS.Signals) => Promise<void>) | undefined;

/**
 * Lets a job end in order before a signal ends the program. A second signal ends it at once.
 * @returns How to leave that.
 */
export function beforeSignalEnds(callback: (signal: NodeJS.Signals) => Promise<void>): () => void {
  beforeEnd = callback;
  return () => {
    if (beforeEnd === callback) beforeEnd = undefined;
  };
}

/** What is done before a signal ends the program. */
export async function endInOrder(signal: NodeJS.Signals): Promise<void> {
  await beforeEnd?.(signal);
}

/**
 * Calls back at the first of the signals that end a program, then dies of it; at the second one it dies at once. It listens only while
 * an "exit" handler has something to undo. Otherwise the system ends the program at once, also while this thread computes or waits for
 * a file, which a listener would have to wait for.
 * @returns How to stop listening.
 */
export function onSignals(callback: (signal: NodeJS.Signals) => Promise<void>): () => void {
  const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  // Node would open a port for a debugger: it is never left to that.
  const always: NodeJS.Signals = "SIGUSR1";
  const others = process.listenerCount("exit");
  let listens = false;
  let isHeard = false;
  const dieOf = (signal: NodeJS.Signals) => {
    stop();
    // What is half written is taken back by those who listen to "exit". Node's own exit would abort while
    // ONNX Runtime computes in its thread; dying of the signal is also what a shell expects to see.
    process.emit("exit", 1);
    process.kill(process.pid, signal);
  };
  const listener = (signal: NodeJS.Signals) => {
    if (isHeard) return dieOf(signal);
    isHeard = true;
    callback(signal).finally(() => dieOf(signal));
  };
  const listen = (wanted: boolean) => {
    if (wanted === listens) return;
    listens = wanted;
    for (const signal of signals) {
      if (wanted) process.on(signal, listener);
      else process.off(signal, listener);
    }
  };
  const added = (event: string | symbol) => {
    if (event === "exit") listen(true);
  };
  const removed = (event: string | symbol) => {
    if (event === "exit") listen(process.listenerCount("exit") > others);
  };
  if (process.platform !== "win32") process.on(always, listener);
  process.on("newListener", added);
  process.on("removeListener", removed);
  const stop = () => {
    process.off(always, listener);
    process.off("newListener", added);
    process.off("removeListener", removed);
    listen(false);
  };
  return stop;
}
