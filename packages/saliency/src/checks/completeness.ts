import { elementAt } from "@voxplain/core";
import type { Attribution } from "../attribution.ts";
import type { CheckResult, CheckRow } from "./check-result.ts";

/**
 * By how much each map misses the difference of logits that it should add up to, and that as a fraction of the
 * difference. No rows where the method promises no such sum.
 */
export function completeness({ map, delta }: Pick<Attribution, "map" | "delta">): CheckResult {
  const size = map.data.length / Math.max(1, elementAt(map.dims, 0));
  const rows = (delta ?? []).flatMap((missed, n): CheckRow[] => {
    const sum = map.data.subarray(n * size, (n + 1) * size).reduce((total, value) => total + value, 0);
    const parameter = `input ${n}`;
    return [
      { check: "completeness", quantity: "delta", parameter, value: missed },
      { check: "completeness", quantity: "relative-delta", parameter, value: missed / (sum - missed) },
    ];
  });
  return { rows, curves: [] };
}
