import type { Dim } from "../model.ts";
import type { Known } from "../shape-rules/known.ts";

/** An axis of `before` × batch × `after` elements: what was reshaped into one with the images. */
export interface BatchAxis {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

/** The length of such an axis, in the words of shape inference: "batch", or "5·batch·12". */
export function lengthOf({ before, after }: Omit<BatchAxis, "axis">, symbol: string): string {
  return `${before === 1 ? "" : `${before}·`}${symbol}${after === 1 ? "" : `·${after}`}`;
}

function factorsOf(dim: Dim, symbol: string): Omit<BatchAxis, "axis"> | undefined {
  if (typeof dim !== "string") return undefined;
  const [before, after] = dim.split(symbol).map((factor) => factor.replace("·", ""));
  if (before === undefined || after === undefined) return undefined;
  return { before: Number(before || 1), after: Number(after || 1) };
}

/** The only axis that counts the batch; undefined where there is none. @throws RangeError where there are two. */
export function batchAxis(value: Known | undefined, symbol: string): BatchAxis | undefined {
  const found = (value?.dims ?? []).flatMap((dim, axis) => {
    const factors = factorsOf(dim, symbol);
    return factors === undefined ? [] : [{ axis, ...factors }];
  });
  if (found.length > 1) throw new RangeError("images would meet each other");
  return found[0];
}

const productOf = (lengths: readonly number[]) => lengths.reduce((product, length) => product * length, 1);

/**
 * The axis that counts the batch once a value is reshaped. Elements stay in their order, so that there
 * must be as many in front of the batch as before. Where several axes would do, one that holds nothing
 * but the batch; else, of a matrix, one that leaves its rows whole.
 * @param from, to the shapes with the fixed batch.
 * @throws RangeError where items would be torn apart.
 */
export function batchAxisAfter(
  from: readonly number[],
  { axis, before }: BatchAxis,
  to: readonly number[],
  fixed: number,
): BatchAxis {
  const inFront = productOf(from.slice(0, axis)) * before;
  const candidates = to.flatMap((length, k): BatchAxis[] => {
    const own = inFront / productOf(to.slice(0, k));
    const behind = length / (own * fixed);
    if (!Number.isInteger(own) || !Number.isInteger(behind) || own < 1 || behind < 1) return [];
    return [{ axis: k, before: own, after: behind }];
  });
  const pure = candidates.find((each) => each.before === 1 && each.after === 1);
  const whole = candidates.find((each) => (to.length === 2 ? each.after === 1 : each.before === 1));
  const found = pure ?? whole ?? candidates[0];
  if (found !== undefined) return found;
  throw new RangeError(`its shape [${to.join(", ")}] does not keep the images apart`);
}
