import type { Emitter, OperatorName } from "@voxplain/onnx-graph";

/** A value, or a number that becomes a constant of the cotangent's type. */
type Term = string | number;

const operation =
  <T extends readonly Term[]>(opType: OperatorName) =>
  (g: Emitter, ...terms: T): string =>
    g.emit(
      opType,
      terms.map((term) => (typeof term === "number" ? g.float(term) : term)),
    );

export const add = operation<[Term, Term]>("Add");
export const subtract = operation<[Term, Term]>("Sub");
export const multiply = operation<[Term, Term]>("Mul");
export const divide = operation<[Term, Term]>("Div");
export const negate = operation<[string]>("Neg");
export const squareRoot = operation<[string]>("Sqrt");
export const exponential = operation<[string]>("Exp");
export const greater = operation<[Term, Term]>("Greater");
export const less = operation<[Term, Term]>("Less");
export const equal = operation<[Term, Term]>("Equal");
export const and = operation<[string, string]>("And");
export const or = operation<[string, string]>("Or");
/** The condition, what is taken where it holds, what elsewhere. */
export const where = operation<[string, Term, Term]>("Where");

export function square(g: Emitter, value: string): string {
  return multiply(g, value, value);
}

/** dy times the sign of x: 0 at 0, and NaN there for an infinite dy. (Sign itself is missing in some runtimes.) */
export function timesSign(g: Emitter, dy: string, x: string): string {
  return multiply(g, dy, where(g, greater(g, x, 0), 1, where(g, less(g, x, 0), -1, 0)));
}
