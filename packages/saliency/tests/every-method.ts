import { type Cohort, type MethodEntry, type MethodOptionValue, methods } from "@voxplain/saliency";

/** The table of methods, whatever their options are. */
export const everyMethod: Readonly<Record<string, MethodEntry>> = methods;

/** Options with which a method takes few passes for an input of some voxels, where it has them. */
export function fewPasses(
  { options }: MethodEntry,
  references: Cohort,
): Readonly<Record<string, MethodOptionValue>> {
  const few: Readonly<Record<string, MethodOptionValue>> = {
    steps: 5,
    window: [2],
    cell: [2],
    references,
    // Coalitions are of regions, and have to be more than twice as many.
    samples: "cell" in options ? 40 : 5,
  };
  return Object.fromEntries(Object.entries(few).filter(([name]) => name in options));
}
