import { elementAt } from "@voxplain/core";
import type { Dim } from "../model.ts";
import type { Known } from "../shape-rules/known.ts";

/** An axis of `before` × batch × `after` elements: what was reshaped into one with the images. */
export interface BatchAxis {
  /** Which axis, from 0. */
  readonly axis: number;
  /** Elements of the axis in front of the images: 3 where 3 values of each image stand apart, [3·N, …]. */
  readonly before: number;
  /** Elements of the axis behind the images: 5 where each image has 5 rows of its own, [N·5, …]. */
  readonly after: number;
}

/** The length of such an axis, in the words of shape inference: "batch", or "5·batch·12". */
export function lengthOf({ before, after }: Omit<BatchAxis, "axis">, symbol: string): string {
  return `${before === 1 ? "" : `${before}·`}${symbol}${after === 1 ? "" : `·${after}`}`;
}

function factorsOf(dim: Dim, symbol: string): Omit<BatchAxis, "axis"> | undefined {
  if (typeof dim !== "string") return undefined;
  const factors = dim.split("·");
  const place = factors.indexOf(symbol);
  if (place < 0) return undefined;
  return { before: Number(factors[place - 1] ?? 1), after: Number(factors[place + 1] ?? 1) };
}

/**
 * The only axis that counts the batch, of a value whose lengths are known as `withBatchLengths` states them; undefined
 * where there is none. @throws RangeError where there are two.
 */
export function batchAxis(value: Pick<Known, "dims"> | undefined, symbol: string): BatchAxis | undefined {
  const found = (value?.dims ?? []).flatMap((dim, axis) => {
    const factors = factorsOf(dim, symbol);
    return factors === undefined ? [] : [{ axis, ...factors }];
  });
  if (found.length > 1) throw new RangeError("images would meet each other");
  return found[0];
}

const productOf = (lengths: readonly number[]) => lengths.reduce((product, length) => product * length, 1);

/** How many elements are in front of an image, and how many are in it behind that. @throws RangeError where a length is not known. */
function around(dims: readonly Dim[], { axis, before, after }: BatchAxis): readonly [number, number] {
  const others = dims.with(axis, 1);
  if (!others.every((length) => typeof length === "number")) {
    throw new RangeError("lengths of its input are not known");
  }
  return [productOf(others.slice(0, axis)) * before, productOf(others.slice(axis)) * after];
}

/**
 * The shape once a value is reshaped to lengths that the graph computes. Elements stay in their order, so that
 * images stay apart where as many elements are in front of each of them, and behind it, as before.
 * @param target - Lengths of the new axes; one of them may be open (null or −1): it follows from the others.
 * @throws RangeError where items would be torn apart, or that cannot be seen.
 */
export function reshapedDims(
  from: readonly Dim[],
  images: BatchAxis,
  target: readonly Dim[],
  symbol: string,
): readonly Dim[] {
  const torn = () =>
    new RangeError(
      `its shape [${target.map((dim) => dim ?? "?").join(", ")}] does not keep the images apart`,
    );
  const [inFront, behind] = around(from, images);
  const isOpen = (dim: Dim) => dim === null || dim === -1;
  const counting = target.flatMap((dim, axis) => (factorsOf(dim, symbol) === undefined ? [] : [axis]));
  const open = target.flatMap((dim, axis) => (isOpen(dim) ? [axis] : []));
  const [axis = open[0]] = counting;
  if (axis === undefined || counting.length > 1 || open.length > 1) throw torn();
  const lengths = [...target];
  if (counting.length === 1 && open.length === 1) {
    const own = factorsOf(elementAt(target, axis), symbol)!;
    const others = lengths.filter((dim, k) => k !== axis && !isOpen(dim));
    if (!others.every((length) => typeof length === "number")) throw torn();
    lengths[elementAt(open, 0)] = (inFront * behind) / (productOf(others) * own.before * own.after);
  }
  const numbers = lengths.with(axis, 1);
  if (!numbers.every((length) => typeof length === "number")) throw torn();
  const before = inFront / productOf(numbers.slice(0, axis));
  const after = behind / productOf(numbers.slice(axis));
  const length = lengthOf({ before, after }, symbol);
  const isWhole = [before, after, ...numbers].every((part) => Number.isInteger(part) && part >= 1);
  if (!isWhole || (counting.length === 1 && target[axis] !== length)) throw torn();
  return lengths.with(axis, length);
}

/**
 * The axis that counts the batch once a value is reshaped to constant lengths, among them those of a fixed batch.
 * Elements stay in their order, so that there must be as many in front of the batch as before. Where several axes
 * would do, one that holds nothing but the batch; else, of a matrix, one that leaves its rows whole.
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
