import { answer, createProgram, methodOptionsFor } from "./command-line/program.ts";
import { exitStatusOf } from "./report-error.ts";

/** Runs the command line `voxplain …argv` and resolves to its exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  const stopListening = onSignals((signal) => {
    // What is half written is taken back by those who listen to "exit". Node's own exit would abort while
    // ONNX Runtime computes in its thread; dying of the signal is also what a shell expects to see.
    process.emit("exit", 1);
    process.kill(process.pid, signal);
  });
  try {
    const answered = await answer(argv);
    if (answered !== undefined) {
      process.stdout.write(answered);
      return 0;
    }
    let status = 0;
    const onStatus = (ofCommand: number) => {
      status = ofCommand;
    };
    const methodOptions = await methodOptionsFor(argv);
    await createProgram({ argv, onStatus, methodOptions }).parseAsync(withLongNames(argv), { from: "user" });
    return status;
  } catch (error) {
    return exitStatusOf(error, argv);
  } finally {
    stopListening();
  }
}

/** Calls back once, at the first of the signals that end a program; gives a way to stop listening. */
function onSignals(callback: (signal: NodeJS.Signals) => void): () => void {
  const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  const stop = () => {
    for (const signal of signals) process.off(signal, listener);
  };
  const listener = (signal: NodeJS.Signals) => {
    stop();
    callback(signal);
  };
  for (const signal of signals) process.on(signal, listener);
  return stop;
}

/** The old program's short names of two letters and more, which POSIX parsers cannot take. */
const shortNames: Readonly<Record<string, string>> = { "-cpu": "--use_cpu", "-np": "--nproc" };

function withLongNames(argv: readonly string[]): string[] {
  return argv.map((argument) => shortNames[argument] ?? argument);
}
