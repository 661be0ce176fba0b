import type { Dim } from "../model.ts";
import type { ByOperator } from "../operator-name.ts";

/** An operation on the elements of the operands; the result is unknown where an operand's element is missing. */
type Arithmetic = (...values: readonly Dim[]) => Dim;

/** Applies to numbers only; what depends on a symbol is unknown. */
const numeric =
  (f: (a: number, b: number) => number | boolean): Arithmetic =>
  (a, b) =>
    typeof a === "number" && typeof b === "number" ? Number(f(a, b)) : null;

/** Leaves a symbol, which stands for a whole number ≥ 0, as it is. */
const keepsSymbol =
  (f: (x: number) => number): Arithmetic =>
  (x) =>
    typeof x === "number" ? f(x) : (x ?? null);

const isSymbol = (value: Dim | undefined) => typeof value === "string";

/** Equal symbols are equal; a symbol is never negative. */
const equal: Arithmetic = (a = null, b = null) => {
  if (isSymbol(a) && a === b) return 1;
  if ((isSymbol(a) && Number(b) < 0) || (isSymbol(b) && Number(a) < 0)) return 0;
  return numeric((x, y) => x === y)(a, b);
};

/** What Where gives. */
export const select: Arithmetic = (condition, a = null, b = null) =>
  condition === null ? (a === b ? a : null) : condition !== 0 ? a : b;

/** Operators that exporters use to compute shapes, element by element. */
export const shapeArithmetic: ByOperator<Arithmetic> = {
  Add: (a = null, b = null) => (a === 0 ? b : b === 0 ? a : numeric((x, y) => x + y)(a, b)),
  Sub: (a = null, b = null) => (b === 0 ? a : isSymbol(a) && a === b ? 0 : numeric((x, y) => x - y)(a, b)),
  Mul: (a = null, b = null) =>
    a === 0 || b === 0 ? 0 : a === 1 ? b : b === 1 ? a : numeric((x, y) => x * y)(a, b),
  Div: (a = null, b = null) => (b === 1 ? a : isSymbol(a) && a === b ? 1 : numeric((x, y) => x / y)(a, b)),
  Max: (...values) => values.reduce((a, b) => (a === b ? a : numeric(Math.max)(a, b))),
  Min: (...values) => values.reduce((a, b) => (a === b ? a : numeric(Math.min)(a, b))),
  Equal: equal,
  Greater: numeric((a, b) => a > b),
  GreaterOrEqual: numeric((a, b) => a >= b),
  Less: numeric((a, b) => a < b),
  LessOrEqual: numeric((a, b) => a <= b),
  And: numeric((a, b) => a !== 0 && b !== 0),
  Or: numeric((a, b) => a !== 0 || b !== 0),
  Not: (x) => (typeof x === "number" ? Number(x === 0) : null),
  Neg: (x) => (typeof x === "number" ? -x : null),
  Sqrt: (x) => (typeof x === "number" ? Math.sqrt(x) : null),
  Abs: keepsSymbol(Math.abs),
  Floor: keepsSymbol(Math.floor),
  Ceil: keepsSymbol(Math.ceil),
  Where: select,
};
