import { elementAt } from "@voxplain/core";
import type { Dim } from "../model.ts";

/** Two axes that must be of one length. @throws RangeError saying what differs. */
export function unified(a: Dim | undefined, b: Dim | undefined, what: string): Dim {
  if (typeof a === "number" && typeof b === "number" && a !== b) {
    throw new RangeError(`${what}: ${a} and ${b} do not fit together`);
  }
  return typeof a === "number" ? a : typeof b === "number" ? b : (a ?? b ?? null);
}

/** The shape that numpy-style broadcasting gives. @throws RangeError when two axes do not fit. */
export function broadcast(shapes: readonly (readonly Dim[] | undefined)[]): readonly Dim[] | undefined {
  return shapes.every((shape) => shape !== undefined) ? broadcastKnown(shapes) : undefined;
}

/** As `broadcast`, of shapes that are known. */
export function broadcastKnown(known: readonly (readonly Dim[])[]): readonly Dim[] {
  const rank = Math.max(0, ...known.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    known
      .map((shape) => (axis < rank - shape.length ? 1 : elementAt(shape, axis - rank + shape.length)))
      .reduce(broadcastDim, 1),
  );
}

function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === 1 || a === b) return b;
  if (b === 1) return a;
  if (typeof a === "number" && typeof b === "number") {
    throw new RangeError(`axes of length ${a} and ${b} cannot be broadcast`);
  }
  // A symbol beside a number above 1 can only be that number (or 1).
  return typeof a === "number" ? a : typeof b === "number" ? b : null;
}

export function sumOf(dims: readonly Dim[]): Dim {
  const others = dims.filter((dim) => dim !== 0);
  if (others.length === 1) return elementAt(others, 0);
  return others.every((dim) => typeof dim === "number") ? others.reduce((sum, dim) => sum + dim, 0) : null;
}

/** How many elements a shape holds: a number, or a lone symbol. */
export function productOf(dims: readonly Dim[]): Dim {
  if (dims.includes(0)) return 0;
  const product = factored(dims);
  return product === undefined ? null : asDim(product);
}

/** The length that makes `known` and it hold as many elements as `whole`; equal symbols cancel. */
export function quotientOf(whole: readonly Dim[], known: readonly Dim[]): Dim {
  const reduced = cancelled(whole, known);
  if (reduced === undefined || reduced.known.symbols.length > 0 || reduced.known.factor === 0) return null;
  const factor = reduced.whole.factor / reduced.known.factor;
  if (Number.isInteger(factor)) return asDim({ factor, symbols: reduced.whole.symbols });
  if (reduced.whole.symbols.length > 0) return null;
  throw new RangeError(`[${whole.join(", ")}] cannot be divided into [${known.join(", ")}]`);
}

/** @throws RangeError where two shapes cannot hold the same number of elements. */
export function checkSameCount(from: readonly Dim[], to: readonly Dim[]): void {
  const reduced = cancelled(from, to);
  if (reduced === undefined || reduced.whole.symbols.length + reduced.known.symbols.length > 0) return;
  if (reduced.whole.factor !== reduced.known.factor) {
    throw new RangeError(`[${from.join(", ")}] cannot be given the shape [${to.join(", ")}]`);
  }
}

interface Product {
  readonly factor: number;
  readonly symbols: readonly string[];
}

function factored(dims: readonly Dim[]): Product | undefined {
  if (dims.includes(null)) return undefined;
  const numbers = dims.filter((dim) => typeof dim === "number");
  return {
    factor: numbers.reduce((product, length) => product * length, 1),
    symbols: dims.filter((dim) => typeof dim === "string"),
  };
}

function asDim({ factor, symbols }: Product): Dim {
  if (symbols.length === 0) return factor;
  return symbols.length === 1 && factor === 1 ? elementAt(symbols, 0) : null;
}

function cancelled(
  whole: readonly Dim[],
  known: readonly Dim[],
): { whole: Product; known: Product } | undefined {
  const above = factored(whole);
  const below = factored(known);
  if (above === undefined || below === undefined) return undefined;
  const left = [...above.symbols];
  const kept = below.symbols.filter((symbol) => {
    const found = left.indexOf(symbol);
    if (found >= 0) left.splice(found, 1);
    return found < 0;
  });
  return {
    whole: { factor: above.factor, symbols: left },
    known: { factor: below.factor, symbols: kept },
  };
}
