import type { Refinement } from "./attribution.ts";

/** Refinement of a map that is made of several: all their passes, and whether all of them reached the tolerance. */
export function joinRefinements(
  first: Refinement | undefined,
  second: Refinement | undefined,
): Refinement | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return { passes: first.passes + second.passes, converged: first.converged && second.converged };
}

/** What a user should be warned of: maps that did not reach the tolerance; undefined where all did. */
export function refinementWarning(refinements: readonly (Refinement | undefined)[]): string | undefined {
  const refined = refinements.filter((refinement) => refinement !== undefined);
  const missed = refined.filter(({ converged }) => !converged);
  if (missed.length === 0) return undefined;
  const passes = Math.max(...missed.map((refinement) => refinement.passes));
  return (
    `${missed.length} of ${refined.length} ${refined.length === 1 ? "map" : "maps"} did not reach the tolerance ` +
    `within ${passes} passes: allow more max_passes, or a larger tolerance`
  );
}
