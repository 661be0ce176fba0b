import type { Model, NetworkChoice, NetworkQuery } from "../model/model.ts";
import type { ProblemList } from "../problems.ts";

/** Those of the networks that are asked for that are there; each that is not is added to the problems. */
export async function findNetworks(
  model: Model,
  { folds, selections }: NetworkQuery,
  problems: ProblemList,
): Promise<readonly NetworkChoice[]> {
  const found = new Map<string, NetworkChoice>();
  for (const fold of each(folds)) {
    for (const selection of each(selections)) {
      const query = { ...(fold && { folds: fold }), ...(selection && { selections: selection }) };
      // One selection may be written in two ways.
      for (const one of (await problems.attempt(() => model.choose(query))) ?? []) {
        found.set(`${one.foldName} ${one.selection}`, found.get(`${one.foldName} ${one.selection}`) ?? one);
      }
    }
  }
  return [...found.values()];
}

/** Lists of one; undefined alone for the default. */
function each<T>(wanted: readonly T[] | undefined): readonly (readonly [T] | undefined)[] {
  return wanted === undefined ? [undefined] : [...new Set(wanted)].map((one) => [one] as const);
}
