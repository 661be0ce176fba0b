import { meaningChanges } from "./meanings.ts";
import { settingChanges } from "./settings.ts";
import type { Change } from "./upgrade.ts";

/** How nodes of older operator sets are written in operator set 17. */
export const changes: Readonly<Record<string, Change>> = { ...settingChanges, ...meaningChanges };

/** Axes are an input since 18, the scale of GroupNormalization has a value for each channel since 21. */
const later: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ["Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"].map((name) => [
      `Reduce${name}`,
      18,
    ]),
  ),
  Split: 18,
  GroupNormalization: 21,
};

/** The operator sets in which nodes of an operator are written in another way than in those before. */
export function changedSince(opType: string): readonly number[] {
  const before = Object.hasOwn(changes, opType) ? [changes[opType]!.since] : [];
  return Object.hasOwn(later, opType) ? [...before, later[opType]!] : before;
}
