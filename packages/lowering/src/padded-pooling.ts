import { elementAt } from "@voxplain/core";
import { type Model, type Node, nodeInput, nodeOutput, stringAttribute } from "@voxplain/onnx-graph";
import { type GraphView, maxPooling3d, type Pooling, volumeShape } from "./graph-view.ts";
import { type Rewriting, rewrite, shapeValue } from "./rewrite.ts";

/**
 * Max-pooling after a ReLU. Zeros in front, as PadMaxPool puts them, are left to the pooling's own
 * padding; and the gradient is masked by y > 0 before it is unpooled, where it is an eighth as large:
 *
 *     Relu → Pad → MaxPool                             Relu → MaxPool(pads)
 *     MaxUnpool → Slice → Where(y > 0)      becomes    Where(pooled > 0) → MaxUnpool(pads)
 *
 * Exact although the pooling's own padding never wins, as zeros could: where a zero is the maximum
 * the mask lets nothing pass, and where it is not the padding does not matter. So this holds after a
 * ReLU, and for its own gradient only.
 */
export function paddedPooling(model: Model): Model {
  return rewrite(model, (view, rewriting) => {
    for (const node of view.nodes) {
      const pooling = maxPooling3d(view, node);
      if (pooling !== undefined) simplify(view, rewriting, pooling);
    }
  });
}

function simplify(view: GraphView, rewriting: Rewriting, pooling: Pooling): void {
  const { builder, add, remove } = rewriting;
  const { node, window, unpooling } = pooling;
  const pad = view.soleProducer(node.inputs[0], "Pad");
  const y = pad?.inputs[0] ?? nodeInput(node, 0);
  const shape = volumeShape(view, y);
  if (view.producer(y)?.opType !== "Relu" || shape === undefined) return;
  const pads = pad === undefined ? [...window.padsBefore, ...window.padsAfter] : zerosAround(view, pad);
  if (pads === undefined || (pad !== undefined && [...window.padsBefore, ...window.padsAfter].some(Boolean)))
    return;
  // Every window has to hold an element; ONNX Runtime refuses more padding than that.
  if (pads.some((amount, k) => amount >= elementAt(window.kernel, k % 3))) return;
  const pooled = nodeOutput(node);
  const attributes = { kernel_shape: window.kernel, strides: window.strides, pads };
  if (unpooling === undefined) {
    if (pad === undefined) return;
    remove(pad, node);
    builder.addMany("MaxPool", [y], 1, attributes, { name: node.name, outputs: [pooled] });
    return;
  }
  const slice = pad && view.soleConsumer(unpooling.outputs[0]);
  if (pad && !(slice?.opType === "Slice" && cutsOff(view, slice, pads))) return;
  const unpooled = nodeOutput(slice ?? unpooling);
  const mask = view.soleConsumer(unpooled);
  if (mask === undefined || !isReluMask(view, mask, unpooled, y)) return;
  remove(pad, node, unpooling, slice, mask);
  builder.addMany("MaxPool", [y], 2, attributes, {
    name: node.name,
    outputs: [pooled, nodeOutput(node, 1)],
  });
  const zero = nodeInput(mask, 2);
  const positive = add(mask, "Greater", [pooled, zero]);
  const masked = add(mask, "Where", [positive, nodeInput(unpooling, 0), zero]);
  const target = shapeValue(view, rewriting, unpooling, masked, shape, pooled);
  builder.add("MaxUnpool", [masked, nodeOutput(node, 1), target], attributes, {
    name: unpooling.name,
    outputs: [nodeOutput(mask)],
  });
}

/** How many zeros a Pad puts around [N, C, …]: in front of each spatial axis, then behind; undefined if it is no such. */
function zerosAround(view: GraphView, { inputs, attributes }: Node): readonly number[] | undefined {
  const [, pads, value, axes] = inputs.map((input) => input || undefined);
  const amounts = view.elements(pads);
  if (stringAttribute(attributes, "mode", "constant") !== "constant" || amounts?.length !== 10 || axes)
    return undefined;
  if (value !== undefined && view.elements(value)?.[0] !== 0) return undefined;
  if (amounts.some((amount) => amount < 0) || [0, 1, 5, 6].some((k) => amounts[k] !== 0)) return undefined;
  return [...amounts.slice(2, 5), ...amounts.slice(7)];
}

/** True for a Slice that takes off exactly the padding. */
function cutsOff(view: GraphView, { inputs }: Node, pads: readonly number[]): boolean {
  const [x, ...settings] = inputs;
  const [starts, ends, axes, steps] = settings.map((value) => view.elements(value));
  const lengths = volumeShape(view, x)?.lengths;
  if (starts === undefined || ends === undefined || lengths === undefined) return false;
  if (steps?.some((step) => step !== 1) || (settings.length > 2 && axes === undefined)) return false;
  if (settings.length > 3 && steps === undefined) return false;
  const along = (axes ?? starts.map((_, k) => k)).map((axis) => (axis < 0 ? axis + 5 : axis));
  if (along.some((axis) => axis < 2)) return false;
  return lengths.every((length, k) => {
    const at = along.indexOf(k + 2);
    const clamp = (index: number) => Math.min(Math.max(index < 0 ? index + length : index, 0), length);
    const [start, end] = at < 0 ? [0, length] : [clamp(elementAt(starts, at)), clamp(elementAt(ends, at))];
    return start === pads[k] && end === length - elementAt(pads, k + 3);
  });
}

/** Where(y > 0, value, 0). */
function isReluMask(view: GraphView, node: Node, value: string, y: string): boolean {
  const [condition, kept, otherwise] = node.inputs;
  const isZero = (input: string | undefined) => {
    const elements = view.elements(input);
    return elements?.length === 1 && elements[0] === 0;
  };
  const greater = view.producer(condition);
  return (
    node.opType === "Where" &&
    kept === value &&
    isZero(otherwise) &&
    greater?.opType === "Greater" &&
    greater.inputs[0] === y &&
    isZero(greater.inputs[1])
  );
}
