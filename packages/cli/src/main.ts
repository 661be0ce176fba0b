import { keepPrinting, statusOfPrinting } from "./closed-pipes.ts";
import { firstCommands } from "./command-line/first-commands.ts";
import { answer, createProgram, methodOptionsFor } from "./command-line/program.ts";
import { refuseOpenFiles } from "./limits.ts";
import { exitStatusOf } from "./report-error.ts";
import { endInOrder, onSignals } from "./signals.ts";

/** Runs the command line `voxplain …argv` and resolves to its exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  keepPrinting();
  return statusOfPrinting(await run(argv));
}

async function run(argv: readonly string[]): Promise<number> {
  const stopListening = onSignals(endInOrder);
  try {
    refuseOpenFiles();
    if (argv.length === 0) {
      process.stderr.write(firstCommands);
      return 2;
    }
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

/** The old program's short names of two letters and more, which POSIX parsers cannot take. */
const shortNames: Readonly<Record<string, string>> = { "-cpu": "--use_cpu", "-np": "--nproc" };

function withLongNames(argv: readonly string[]): string[] {
  return argv.map((argument) => shortNames[argument] ?? argument);
}
