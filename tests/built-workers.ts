import { staleAmong } from "./built-command.ts";

/** Says before the tests what may let them hang: threads that compute load the kernels as they were built, and the tests their sources. */
export function setup(): void {
  const stale = staleAmong(["kernels"]);
  if (stale.length === 0) return;
  process.stderr.write(
    `${stale.join("; ")}: tests that compute in threads may hang. Run npx pnpm@10 build\n`,
  );
}
