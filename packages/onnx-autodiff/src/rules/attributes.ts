import type { RuleContext } from "../rule.ts";

/** The numbers of a constant input, such as axes; undefined where it is left out or computed. */
export function constantNumbers(g: RuleContext, value: string | undefined): readonly number[] | undefined {
  const constant = value === undefined ? undefined : g.constantOf(value);
  return constant && Array.from(constant.data, Number);
}

/** An axis counted from the front. */
export function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
