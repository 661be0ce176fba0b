import type { Model, NetworkChoice, NetworkQuery } from "../model/model.ts";
import type { ProblemList } from "../problems.ts";

/** Those of the networks that are asked for that are there; each that is not is added to the problems. */
export async function findNetworks(
  model: Model,
  { folds, selections }: NetworkQuery,
  problems: ProblemList,
): Promise<readonly NetworkChoice[]> {
  const found: NetworkChoice[] = [];
  for (const fold of each(folds)) {
    for (const selection of each(selections)) {
      const query = { ...(fold && { folds: fold }), ...(selection && { selections: selection }) };
      found.push(...((await problems.attempt(() => model.choose(query))) ?? []));
    }
  }
  return found;
}

/** Lists of one; undefined alone for the default. */
function each<T>(wanted: readonly T[] | undefined): readonly (readonly [T] | undefined)[] {
  return wanted === undefined ? [undefined] : [...new Set(wanted)].map((one) => [one] as const);
}
