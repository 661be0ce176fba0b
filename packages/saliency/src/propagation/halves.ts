import type { RuleContext } from "@voxplain/onnx-autodiff";

/** A batch of inputs and, behind them, their baselines. */
export interface Halves {
  first(value: string): string;
  second(value: string): string;
  /** Input − baseline, half a batch. */
  change(value: string): string;
  /** (input + baseline) / 2, for both halves. */
  mean(value: string): string;
  /** Half a batch for both halves. */
  twice(half: string): string;
}

/** Cuts values along their first axis. */
export function halves(g: RuleContext): Halves {
  const count = g.emit("Shape", [g.y[0]!], { start: 0, end: 1 });
  const middle = g.emit("Div", [count, g.int64([2])]);
  const cut = (value: string, start: string, end: string) =>
    g.emit("Slice", [value, start, end, g.int64([0])]);
  const first = (value: string) => cut(value, g.int64([0]), middle);
  const second = (value: string) => cut(value, middle, count);
  const twice = (half: string) => g.emit("Concat", [half, half], { axis: 0 });
  return {
    first,
    second,
    twice,
    change: (value) => g.emit("Sub", [first(value), second(value)]),
    mean: (value) => twice(g.emit("Mul", [g.emit("Add", [first(value), second(value)]), g.float(0.5)])),
  };
}
