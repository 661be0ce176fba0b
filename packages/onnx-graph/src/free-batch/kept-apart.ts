import { elementAt, tensor } from "@voxplain/core";
import { type GraphBuilder, intAttribute, intsAttribute } from "../builder.ts";
import type { Dim, Node } from "../model.ts";
import { type ByOperator, entryFor, type OperatorName } from "../operator-name.ts";
import { axisFromFront, fromFront } from "../shape-rules/axes.ts";
import { type Known, numbersOf } from "../shape-rules/known.ts";
import { batchAxis, batchAxisAfter, lengthOf, reshapedDims } from "./batch-axis.ts";

/** What a node's constants may say of the batch. */
export interface Batch {
  /** The length that constants count it with; undefined where they may not. */
  readonly fixed: number | undefined;
  readonly symbol: string;
}

/** A node for a batch of any length, and what is known around it. */
export interface Kept {
  readonly node: Node;
  readonly inputs: readonly (Known | undefined)[];
  readonly outputs: readonly Known[];
}

type Rewrite = (
  builder: GraphBuilder,
  node: Node,
  inputs: readonly (Known | undefined)[],
  outputs: readonly Known[],
  batch: Batch,
) => Kept;

/**
 * The node for a batch of any length, and what is then known of its inputs and outputs: where constants count the images of a
 * fixed batch, they are computed.
 * @throws RangeError where images would meet.
 */
export const keptApart: Rewrite = (builder, node, inputs, outputs, batch) => {
  const rewrite = entryFor(rewrites, node);
  return rewrite ? rewrite(builder, node, inputs, outputs, batch) : { node, inputs, outputs };
};

/** A constant shape counts the images that it was exported with. */
const reshaped: Rewrite = (builder, node, inputs, outputs, { fixed, symbol }) => {
  const [x, shape] = inputs;
  const images = batchAxis(x, symbol);
  if (images === undefined || x?.dims === undefined) return { node, inputs, outputs };
  const copies = intAttribute(node.attributes, "allowzero", 0) === 0;
  const dims = x.dims;
  const target = shape?.elements?.map(
    (length, k): Dim => (length === 0 && copies ? elementAt(dims, k) : length),
  );
  if (target === undefined) throw new RangeError("its shape is not known");
  const constant = numbersOf(shape);
  if (fixed === undefined || constant === undefined) {
    const known = {
      ...elementAt(outputs, 0),
      dims: reshapedDims(dims, images, target, symbol),
      elements: undefined,
    };
    return { node, inputs, outputs: [known] };
  }
  const from = dims.with(images.axis, images.before * fixed * images.after);
  if (!from.every((length) => typeof length === "number"))
    throw new RangeError("lengths of its input are not known");
  const count = from.reduce((product, length) => product * length, 1);
  const lengths = constant.map((length, k) => (length === 0 && copies ? elementAt(from, k) : length));
  const others = lengths.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const to = lengths.map((length) => (length === -1 ? count / others : length));
  const place = batchAxisAfter(from, images, to, fixed);
  const free = to.map((length, k) => (k === place.axis ? -1 : length));
  const name = builder.fresh(`${node.outputs[0]}/shape`);
  builder.initializer(name, tensor("int64", [free.length], BigInt64Array.from(free, BigInt)));
  const known = { ...elementAt(outputs, 0), dims: to.with(place.axis, -1).map(dimOf), elements: undefined };
  return {
    node: { ...node, inputs: [elementAt(node.inputs, 0), name], attributes: {} },
    inputs,
    outputs: [known],
  };

  function dimOf(length: number, k: number): Dim {
    return k === place.axis ? lengthOf(place, symbol) : length;
  }
};

/** Axes are laid together in their order. */
const flattened: Rewrite = (_builder, node, inputs, outputs, { symbol }) => {
  const [x] = inputs;
  const images = batchAxis(x, symbol);
  if (images === undefined || x?.dims === undefined) return { node, inputs, outputs };
  const given = intAttribute(node.attributes, "axis", 1);
  const first = given < 0 ? given + x.dims.length : given;
  const isInFront = images.axis < first;
  const others = x.dims.filter((_, axis) => axis < first !== isInFront);
  if (!others.every((length) => typeof length === "number"))
    throw new RangeError("lengths of its input are not known");
  const rest = others.reduce((product, length) => product * length, 1);
  const dims = reshapedDims(x.dims, images, isInFront ? [null, rest] : [rest, null], symbol);
  return { node, inputs, outputs: [{ ...elementAt(outputs, 0), dims }] };
};

/** What is put beside every image is repeated for each. */
const concatenated: Rewrite = (builder, node, inputs, outputs, { fixed, symbol }) => {
  const position = inputs.findIndex((input) => batchAxis(input, symbol) !== undefined);
  const axis = batchAxis(inputs[position], symbol)?.axis;
  const dims = inputs[position]?.dims;
  if (fixed === undefined || axis === undefined || dims === undefined) return { node, inputs, outputs };
  const rank = dims.length;
  if (axisFromFront(intAttribute(node.attributes, "axis", 0), rank) === axis)
    return { node, inputs, outputs };
  const images = elementAt(dims, axis);
  const names: string[] = [];
  for (const [k, name] of node.inputs.entries()) {
    const length = inputs[k]?.dims?.[axis];
    if (typeof length !== "number") {
      names.push(name);
      continue;
    }
    if (length !== 1 || fixed !== 1 || images !== symbol)
      throw new RangeError("it puts as many constants beside the images");
    const add = (opType: OperatorName, given: readonly string[], attributes = {}) =>
      builder.add(opType, given, attributes, { name: builder.fresh(`${node.outputs[0]}/${opType}`) });
    const count = add("Shape", [elementAt(node.inputs, position)], { start: axis, end: axis + 1 });
    // Expand broadcasts: 1 keeps the other lengths.
    const ones = (times: number) => builder.int64(new Array<number>(times).fill(1));
    const shape = add("Concat", [ones(axis), count, ones(rank - axis - 1)], { axis: 0 });
    names.push(add("Expand", [name, shape]));
  }
  const known = outputs.map((output) => ({ ...output, dims: output.dims?.with(axis, images) }));
  const repeated = inputs.map((input) => input && { ...input, dims: input.dims?.with(axis, images) });
  return { node: { ...node, inputs: names }, inputs: repeated, outputs: known };
};

/** Constant sizes begin with the number of images. */
const resized: Rewrite = (builder, node, inputs, outputs, { fixed, symbol }) => {
  const images = batchAxis(inputs[0], symbol);
  const sizes = numbersOf(inputs[3]);
  const dims = inputs[0]?.dims;
  if (fixed === undefined || images === undefined || dims === undefined || sizes === undefined)
    return { node, inputs, outputs };
  const along = fromFront(intsAttribute(node.attributes, "axes", [...dims.keys()]), dims.length);
  const place = along.indexOf(images.axis);
  if (place < 0 || sizes[place] !== images.before * fixed * images.after) return { node, inputs, outputs };
  const add = (opType: OperatorName, given: readonly string[], attributes = {}) =>
    builder.add(opType, given, attributes, { name: builder.fresh(`${node.outputs[0]}/${opType}`) });
  const count = add("Shape", [elementAt(node.inputs, 0)], { start: images.axis, end: images.axis + 1 });
  const parts = [
    ...(place > 0 ? [builder.int64(sizes.slice(0, place))] : []),
    count,
    ...(place + 1 < sizes.length ? [builder.int64(sizes.slice(place + 1))] : []),
  ];
  const free = add("Concat", parts, { axis: 0 });
  const known = {
    ...elementAt(outputs, 0),
    dims: elementAt(outputs, 0).dims?.with(images.axis, elementAt(dims, images.axis)),
  };
  return { node: { ...node, inputs: [...node.inputs.slice(0, 3), free] }, inputs, outputs: [known] };
};

const rewrites: ByOperator<Rewrite> = {
  Reshape: reshaped,
  Flatten: flattened,
  Concat: concatenated,
  Resize: resized,
};
