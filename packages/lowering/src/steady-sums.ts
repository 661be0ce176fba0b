import { elementAt } from "@voxplain/core";
import {
  type ByOperator,
  type Dim,
  type Emitter,
  entryFor,
  floatAttribute,
  intAttribute,
  intsAttribute,
  type Model,
  type Node,
  nodeOutput,
  reduce,
  standardized,
} from "@voxplain/onnx-graph";
import type { GraphView } from "./graph-view.ts";
import { type Rewriting, rewrite } from "./rewrite.ts";

/**
 * Sums and means over several axes, or a long one, as sums of sums, global average pooling among them, and
 * normalizations over space expressed with them. ONNX
 * Runtime's CPU provider adds all values to one float32 number: a volume of 85×104×90 voxels is normalized with an
 * error of 3.5e-4 of its norm then, and with one of 2.6e-7 so (PyTorch: 1.9e-7). Behind it other voxels would be the maxima of
 * poolings. It takes less time, too. (onnxruntime-node 1.30)
 */
export function steadySums(model: Model): Model {
  const expanded = rewrite(model, (view, rewriting) => {
    for (const node of view.nodes) entryFor(overSpace, node)?.(view, rewriting, node);
  });
  return rewrite(expanded, (view, rewriting) => {
    for (const node of view.nodes) {
      const { opType, domain } = node;
      if (domain !== "") continue;
      if (opType === "ReduceSum" || opType === "ReduceMean") inSteps(view, rewriting, node, opType);
    }
  });
}

/** Fewer are added as exactly in any order. */
const worthSplitting = 1024;

const overSpace: ByOperator<(view: GraphView, rewriting: Rewriting, node: Node) => void> = {
  InstanceNormalization(view, rewriting, node) {
    const [x, scale, shift] = node.inputs as [string, string, string];
    const dims = view.dims(x);
    if (dims === undefined || !view.isFloat32(x) || !isLong(dims.slice(2))) return;
    const axes = dims.map((_, axis) => axis).slice(2);
    const value = standardize(view, rewriting, node, x, axes);
    rewriting.remove(node);
    scaleAndShift(view, rewriting, node, { value, scale, shift, output: node.outputs[0] }, axes.length);
  },
  GlobalAveragePool(view, rewriting, node) {
    const [x] = node.inputs as [string];
    const dims = view.dims(x);
    if (dims === undefined || !view.isFloat32(x) || !isLong(dims.slice(2))) return;
    const axes = dims.map((_, axis) => axis).slice(2);
    rewriting.remove(node);
    reduce(emitter(view, rewriting, node, node.outputs[0]), "ReduceMean", x, axes, true);
  },
  /** The scale is of channels, before operator set 21 of groups. */
  GroupNormalization(view, rewriting, node) {
    const { builder, add, remove } = rewriting;
    const [x, scale, shift] = node.inputs as [string, string, string];
    const dims = view.dims(x);
    if (dims === undefined || !view.isFloat32(x) || !isLong(dims.slice(2))) return;
    const groups = intAttribute(node.attributes, "num_groups", 1);
    const grouped = add(node, "Reshape", [x, builder.int64([0, groups, -1])]);
    const value = standardize(view, rewriting, node, grouped, [2]);
    const ungrouped = (wide: string, output?: string) =>
      add(node, "Reshape", [wide, add(node, "Shape", [x])], {}, output);
    remove(node);
    if ((view.model.opsets[""] ?? 0) < 21) {
      const scaled = scaleAndShift(view, rewriting, node, { value, scale, shift }, 1);
      ungrouped(scaled, node.outputs[0]);
    } else {
      const wide = ungrouped(value);
      scaleAndShift(
        view,
        rewriting,
        node,
        { value: wide, scale, shift, output: node.outputs[0] },
        dims.length - 2,
      );
    }
  },
};

/** As the gradient begins, too: what is the same is computed once. */
function standardize(
  view: GraphView,
  rewriting: Rewriting,
  node: Node,
  x: string,
  axes: readonly number[],
): string {
  const epsilon = floatAttribute(node.attributes, "epsilon", 1e-5);
  return standardized(emitter(view, rewriting, node), x, axes, epsilon).value;
}

/** Adds what a formula emits in place of a node; `output` is the name of what it emits, where that is one node. */
function emitter(view: GraphView, { builder, add }: Rewriting, node: Node, output?: string): Emitter {
  return {
    opset: view.model.opsets[""] ?? 0,
    emit: (opType, inputs, attributes) => add(node, opType, inputs, attributes, output),
    float: builder.scalar,
    int64: builder.int64,
  };
}

interface Affine {
  readonly value: string;
  readonly scale: string;
  readonly shift: string;
  readonly output?: string | undefined;
}

/** Both are [C], for a value of [N, C] and so many more axes. */
function scaleAndShift(
  view: GraphView,
  { builder, add }: Rewriting,
  node: Node,
  { value, scale, shift, output }: Affine,
  axes: number,
): string {
  const isAll = (constant: string, number: number) =>
    view.elements(constant)?.every((element) => element === number) ?? false;
  const column = (constant: string) =>
    add(node, "Reshape", [constant, builder.int64([-1, ...new Array<number>(axes).fill(1)])]);
  if (isAll(scale, 1) && isAll(shift, 0)) return add(node, "Identity", [value], {}, output);
  const scaled = add(node, "Mul", [value, column(scale)]);
  return add(node, "Add", [scaled, column(shift)], {}, output);
}

function inSteps(
  view: GraphView,
  rewriting: Rewriting,
  node: Node,
  opType: "ReduceSum" | "ReduceMean",
): void {
  const { builder, add, remove } = rewriting;
  const [x, given] = node.inputs as [string, string?];
  const dims = view.dims(x);
  const stated = given ? view.elements(given) : intsAttribute(node.attributes, "axes", []);
  if (dims === undefined || stated === undefined || stated.length === 0 || !view.isFloat32(x)) return;
  // From the last to the first: removing one leaves the numbers of those before it unchanged.
  const axes = stated.map((axis) => (axis < 0 ? axis + dims.length : axis)).sort((a, b) => b - a);
  if (!isLong(axes.map((axis) => elementAt(dims, axis)))) return;
  const keepdims = intAttribute(node.attributes, "keepdims", 1) !== 0;
  const steps = axes.flatMap((axis) => stepsAlong(axis, dims, keepdims));
  if (steps.length === 1) return;
  remove(node);
  steps.reduce((value, step, k) => {
    const output = k === steps.length - 1 ? nodeOutput(node) : undefined;
    if ("shape" in step) return add(node, "Reshape", [value, builder.int64(step.shape)], {}, output);
    return reduce(emitter(view, rewriting, node, output), opType, value, [step.axis], step.keepdims);
  }, x);
}

type Step = { readonly shape: readonly number[] } | { readonly axis: number; readonly keepdims: boolean };

/** A long last axis is folded into two, which are summed one after the other. */
function stepsAlong(axis: number, dims: readonly Dim[], keepdims: boolean): Step[] {
  const length = elementAt(dims, axis);
  const isLast = axis === dims.length - 1;
  const divisor = typeof length === "number" && length >= worthSplitting && isLast ? divisorOf(length) : 1;
  if (typeof length !== "number" || divisor === 1) return [{ axis, keepdims }];
  return [
    { shape: [...dims.slice(0, axis).map(() => 0), length / divisor, divisor] },
    { axis: axis + 1, keepdims: false },
    { axis, keepdims },
  ];
}

/** The largest up to its square root. */
function divisorOf(length: number): number {
  for (let divisor = Math.floor(Math.sqrt(length)); divisor > 1; divisor--) {
    if (length % divisor === 0) return divisor;
  }
  return 1;
}

/** Unknown lengths may be long. */
function isLong(lengths: readonly Dim[]): boolean {
  const known = lengths.every((length) => typeof length === "number");
  return !known || lengths.reduce((product: number, length) => product * Number(length), 1) >= worthSplitting;
}
