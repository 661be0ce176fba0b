import { elementAt } from "@voxplain/core";
import { lowestTie } from "./null-distribution.ts";

/** p of a value by the maxima of all relabellings. */
export function familyWise(maxima: Float64Array, pOf: (count: number) => number): (value: number) => number {
  const sorted = maxima.toSorted();
  return (value) => {
    const bar = lowestTie(value);
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (elementAt(sorted, middle) < bar) low = middle + 1;
      else high = middle;
    }
    return pOf(sorted.length - low);
  };
}
