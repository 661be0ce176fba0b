import type { RuleContext } from "@voxplain/onnx-autodiff";
import { type BatchAxis, batchAxis } from "@voxplain/onnx-graph";

/** The symbol that `withBatchLengths` gives the batch. */
const batch = "batch";

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
  /** A half for the inputs and one for their baselines. */
  both(first: string, second: string): string;
}

/**
 * Cuts values along the axis of the images, which is the same as in a value of the network.
 * @throws VoxplainError `unsupported` where the axis of the images is unknown.
 */
export function halvesLike(g: RuleContext, like: string): Halves {
  const images = axisOf(g, like);
  const { axis, before } = images;
  // Images that follow one another within each row are brought to an axis of their own.
  const apart = before === 1 ? axis : axis + 1;
  const [split, merge] = before === 1 ? [same, same] : regrouped(g, like, images);
  const count = g.emit("Shape", [split(like)], { start: apart, end: apart + 1 });
  const middle = g.emit("Div", [count, g.int64([2])]);
  const cut = (value: string, start: string, end: string) =>
    merge(g.emit("Slice", [split(value), start, end, g.int64([apart])]));
  const first = (value: string) => cut(value, g.int64([0]), middle);
  const second = (value: string) => cut(value, middle, count);
  const both = (a: string, b: string) => merge(g.emit("Concat", [split(a), split(b)], { axis: apart }));
  const twice = (half: string) => both(half, half);
  return {
    first,
    second,
    both,
    twice,
    change: (value) => g.emit("Sub", [first(value), second(value)]),
    mean: (value) => twice(g.emit("Mul", [g.emit("Add", [first(value), second(value)]), g.float(0.5)])),
  };
}

const same = (value: string) => value;

function axisOf(g: RuleContext, like: string): BatchAxis {
  const dims = g.dims(like);
  const found =
    dims.filter((dim) => typeof dim !== "number").length === 1 ? batchAxis({ dims }, batch) : undefined;
  if (found !== undefined) return found;
  throw g.unsupported(
    `the axis of the images in "${like}", [${dims.map((dim) => dim ?? "?").join(", ")}], is unknown, half of which are baselines`,
  );
}

/** […, before·batch·after, …] with `before` as an axis of its own, and back. */
function regrouped(g: RuleContext, like: string, { axis, before }: BatchAxis) {
  const dims = g.dims(like).map((dim) => (typeof dim === "number" ? dim : -1));
  const to = (shape: readonly number[]) => (value: string) => g.emit("Reshape", [value, g.int64(shape)]);
  return [to(dims.toSpliced(axis, 0, before)), to(dims)] as const;
}
