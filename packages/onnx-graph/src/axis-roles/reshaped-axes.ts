import { elementAt } from "@voxplain/core";
import type { Dim } from "../model.ts";
import { type Roles, unknown } from "./roles.ts";

/**
 * The roles of axes after a reshape, which leaves elements in their order. Axes of length 1 may have moved: those
 * before the reshape are those after it, in their order. Longer axes are compared from the front and from behind:
 * one that is the same on both sides keeps its role, several that become several others share theirs.
 */
export function reshapedRoles(
  roles: readonly Roles[],
  from: readonly Dim[],
  to: readonly Dim[],
): readonly Roles[] {
  const found = to.map((): Roles => 0);
  moveOnes(roles, from, to, found);
  const rolesOf = (axes: readonly number[]) =>
    axes.reduce((joined, axis) => joined | elementAt(roles, axis), 0);
  for (const { before, after } of groups(from, to)) {
    for (const axis of after) found[axis] = before === undefined ? unknown : rolesOf(before);
  }
  return found;
}

function moveOnes(roles: readonly Roles[], from: readonly Dim[], to: readonly Dim[], found: Roles[]): void {
  const before = axesWhere(from, (dim) => dim === 1);
  const after = axesWhere(to, (dim) => dim === 1);
  // A batch of 1 is the first of both.
  if (before[0] === 0 && after[0] === 0) found[after.shift()!] = elementAt(roles, before.shift()!);
  const all = before.reduce((joined, axis) => joined | elementAt(roles, axis), 0);
  for (const [k, axis] of after.entries()) {
    found[axis] = before.length === after.length ? elementAt(roles, elementAt(before, k)) : all;
  }
}

interface Group {
  /** Axes before the reshape; undefined where they are not known. */
  readonly before: readonly number[] | undefined;
  /** The axes that hold the same elements after it. */
  readonly after: readonly number[];
}

/** Neighbouring axes longer than 1 that hold as many elements before as after, as few as possible together. */
function groups(from: readonly Dim[], to: readonly Dim[]): readonly Group[] {
  const before = axesWhere(from, (dim) => dim !== 1);
  const after = axesWhere(to, (dim) => dim !== 1);
  const cuts = cutsOf(
    before.map((axis) => elementAt(from, axis)),
    after.map((axis) => elementAt(to, axis)),
  );
  const found: Group[] = [];
  let [i, j] = [0, 0];
  for (const cut of cuts) {
    const group = { before: before.slice(i, cut.before), after: after.slice(j, cut.after) };
    found.push(cut.isKnown ? group : { ...group, before: undefined });
    [i, j] = [cut.before, cut.after];
  }
  return found;
}

interface Cut {
  readonly before: number;
  readonly after: number;
  /** Whether the axes between this cut and the one in front of it are the same on both sides. */
  readonly isKnown: boolean;
}

/** Places in two lists of lengths with equal products in front of them, or else behind them. */
function cutsOf(from: readonly Dim[], to: readonly Dim[]): readonly Cut[] {
  const front = equalProducts(from, to).map(([before, after]) => ({ before, after, isKnown: true }));
  const last = front.at(-1) ?? { before: 0, after: 0 };
  const [restFrom, restTo] = [from.slice(last.before), to.slice(last.after)];
  // The axes in front of the foremost of these are not known.
  const behind = [...equalProducts(restFrom.toReversed(), restTo.toReversed()).toReversed(), [0, 0] as const];
  return [
    ...front,
    ...behind.map(([before, after], k): Cut => {
      return { before: from.length - before, after: to.length - after, isKnown: k > 0 };
    }),
  ];
}

/** How many lengths from the front of each list have equal products, for every such place. */
function equalProducts(from: readonly Dim[], to: readonly Dim[]): readonly (readonly [number, number])[] {
  const products = new Map(productsOf(from).map((product, k) => [product, k + 1]));
  return productsOf(to).flatMap((product, k) => {
    const found = products.get(product);
    return found === undefined ? [] : [[found, k + 1] as const];
  });
}

/** The product of the first, the first two, … as a text, up to a length that is not known. */
function productsOf(lengths: readonly Dim[]): readonly string[] {
  let factor = 1;
  const symbols: string[] = [];
  const end = lengths.indexOf(null);
  return lengths.slice(0, end < 0 ? lengths.length : end).map((length) => {
    if (typeof length === "number") factor *= length;
    else if (length !== null) symbols.push(length);
    return [factor, ...symbols.toSorted()].join("·");
  });
}

function axesWhere(dims: readonly Dim[], holds: (dim: Dim) => boolean): number[] {
  return [...dims.keys()].filter((axis) => holds(elementAt(dims, axis)));
}
