import { staleAmong } from "./built-command.ts";

/** Says before the tests what may let them hang: threads that compute load the kernels as they were built, and the tests their sources. */
export function setup(): void {
  for (const reason of staleAmong(["kernels"])) {
    process.stderr.write(`${reason}: tests that compute in threads may hang. Run npx pnpm@10 build\n`);
  }
}
