import { isVoxplainError } from "@voxplain/core";
import { mutated, seededRandom } from "./mutate.ts";

/** What a fuzzer found; printed where it is run for longer than in CI. */
export interface FuzzReport {
  readonly files: number;
  readonly refused: number;
  /** What was thrown that is not a VoxplainError, and the seed and the number of the file. */
  readonly foreign: readonly string[];
  /** Seconds of the processor, of the slowest file. */
  readonly slowest: number;
}

/** Seconds for each reader: VOXPLAIN_FUZZ_SECONDS for a long run, with a seed of its own. */
export const isLongRun = process.env.VOXPLAIN_FUZZ_SECONDS !== undefined;
export const seconds = Number(process.env.VOXPLAIN_FUZZ_SECONDS ?? 0.5);
const seed = isLongRun ? Number(process.env.VOXPLAIN_FUZZ_SEED ?? Date.now()) : 1;

/** Seconds of the processor that a call takes, not of the clock, so that a busy machine changes little; and what it throws. */
export function processorTime(compute: () => void): { readonly seconds: number; readonly error: unknown } {
  const before = process.cpuUsage();
  let error: unknown;
  try {
    compute();
  } catch (thrown) {
    error = thrown;
  }
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, error };
}

/** Throws mutations of good files at a reader until the time is up. */
export async function fuzz(
  files: readonly Uint8Array[],
  read: (bytes: Uint8Array) => unknown,
): Promise<FuzzReport> {
  const random = seededRandom(seed);
  const end = performance.now() + 1000 * seconds;
  const foreign: string[] = [];
  let count = 0;
  let refused = 0;
  let slowest = 0;
  while (performance.now() < end) {
    const bytes = mutated(files[count++ % files.length]!, random);
    // Processor time, not wall time, so that a busy machine changes little.
    const before = process.cpuUsage();
    try {
      await read(bytes);
    } catch (error) {
      if (isVoxplainError(error)) refused++;
      else
        foreign.push(`seed ${seed}, file ${count}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    const { user, system } = process.cpuUsage(before);
    slowest = Math.max(slowest, (user + system) / 1e6);
  }
  const report = { files: count, refused, foreign: foreign.slice(0, 3), slowest };
  if (seconds > 60)
    process.stderr.write(`${JSON.stringify({ seed, ...report, foreignCount: foreign.length })}\n`);
  return report;
}
