import { type Emitter, reduce } from "./emitter.ts";

/** x̂ = (x − mean x)/√(var x + ε) over some axes. */
export interface Standardized {
  /** The value x̂. */
  readonly value: string;
  /** √(var x + ε), with the axes kept. */
  readonly deviation: string;
  /** The axes over which mean and variance are taken. */
  readonly axes: readonly number[];
}

/** Writes x̂ = (x − mean x)/√(var x + ε) over some axes, the middle part of every normalization. */
export function standardized(g: Emitter, x: string, axes: readonly number[], epsilon: number): Standardized {
  const mean = (value: string) => reduce(g, "ReduceMean", value, axes, true);
  const centred = g.emit("Sub", [x, mean(x)]);
  const variance = mean(g.emit("Mul", [centred, centred]));
  const deviation = g.emit("Sqrt", [g.emit("Add", [variance, g.float(epsilon)])]);
  return { value: g.emit("Div", [centred, deviation]), deviation, axes };
}
