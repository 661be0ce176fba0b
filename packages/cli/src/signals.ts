/**
 * Calls back at the first of the signals that end a program, as long as somebody waits for "exit" to take something
 * back. Otherwise nobody listens: the system then ends the program at once, also while this thread computes or waits
 * for a file, which a listener would have to wait for.
 * @returns How to stop listening.
 */
export function onSignals(callback: (signal: NodeJS.Signals) => void): () => void {
  const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  const others = process.listenerCount("exit");
  let listens = false;
  const listener = (signal: NodeJS.Signals) => {
    stop();
    callback(signal);
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
  process.on("newListener", added);
  process.on("removeListener", removed);
  const stop = () => {
    process.off("newListener", added);
    process.off("removeListener", removed);
    listen(false);
  };
  return stop;
}
