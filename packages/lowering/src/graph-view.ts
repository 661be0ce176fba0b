import type { Tensor } from "@voxplain/core";
import {
  type Dim,
  inferShapes,
  intsAttribute,
  isInMemory,
  type Model,
  type Node,
  nodeInput,
  type ValueInfo,
  type Window,
  windowOf,
} from "@voxplain/onnx-graph";

/** A model with the questions that a rewriting pass asks of it. */
export interface GraphView {
  readonly model: Model;
  readonly nodes: readonly Node[];
  /** The node that computes a value; undefined for inputs and weights. */
  producer(value: string | undefined): Node | undefined;
  /** The node that computes a value, if it is such an operator and nothing else uses the value. */
  soleProducer(value: string | undefined, opType: string): Node | undefined;
  /** The node that uses a value, if it is the only one, uses it once, and the value is no output of the graph. */
  soleConsumer(value: string | undefined): Node | undefined;
  isUsed(value: string | undefined): boolean;
  /** True where a value depends on weights only. */
  isConstant(value: string | undefined): boolean;
  /** Elements of a small constant; undefined where it is computed, or not in memory. */
  elements(value: string | undefined): readonly number[] | undefined;
  dims(value: string | undefined): readonly Dim[] | undefined;
  isFloat32(value: string | undefined): boolean;
}

export function graphView(model: Model): GraphView {
  const { nodes, outputs, initializers } = model.graph;
  // Inferred when a pass asks: most passes find nothing to change in most networks.
  let inferred: ReadonlyMap<string, ValueInfo> | undefined;
  const infoOf = (value: string) => {
    inferred ??= inferShapes(model);
    return inferred.get(value);
  };
  const producers = new Map<string, Node>();
  const consumers = new Map<string, Node[]>();
  const constants = new Set(initializers.keys());
  for (const node of nodes) {
    for (const output of node.outputs) producers.set(output, node);
    for (const input of node.inputs) {
      const users = consumers.get(input);
      if (users === undefined) consumers.set(input, [node]);
      else users.push(node);
    }
    const given = node.inputs.filter((input) => input !== "");
    // Nodes without inputs may be random numbers; only Constant is known to be none.
    const fixed =
      given.length > 0 ? given.every((input) => constants.has(input)) : node.opType === "Constant";
    if (fixed) for (const output of node.outputs) constants.add(output);
  }
  const isOutput = new Set(outputs.map(({ name }) => name));

  const soleConsumer: GraphView["soleConsumer"] = (value = "") => {
    const users = consumers.get(value) ?? [];
    return users.length === 1 && !isOutput.has(value) ? users[0] : undefined;
  };
  const constantTensor = (value: string): Tensor | undefined => {
    const initializer = initializers.get(value);
    if (initializer !== undefined) return isInMemory(initializer) ? initializer : undefined;
    const attribute = producers.get(value)?.opType === "Constant" && producers.get(value)?.attributes.value;
    return attribute && "tensor" in attribute ? attribute.tensor : undefined;
  };

  return {
    model,
    nodes,
    producer: (value = "") => producers.get(value),
    soleProducer(value = "", opType) {
      const node = producers.get(value);
      return node?.opType === opType && node.domain === "" && soleConsumer(value) ? node : undefined;
    },
    soleConsumer,
    isUsed: (value = "") => consumers.has(value) || isOutput.has(value),
    isConstant: (value = "") => constants.has(value),
    elements(value = "") {
      const found = constantTensor(value);
      return found && found.data.length <= 64 ? Array.from(found.data, Number) : undefined;
    },
    dims: (value = "") => infoOf(value)?.dims,
    isFloat32: (value = "") => infoOf(value)?.dtype === "float32",
  };
}

/** A value [N, C, D, H, W] whose lengths are known, but for the batch's. */
export interface VolumeShape {
  readonly channels: number;
  readonly lengths: readonly [number, number, number];
}

export function volumeShape(view: GraphView, value: string | undefined): VolumeShape | undefined {
  const [, channels, ...lengths] = view.dims(value) ?? [];
  if (typeof channels !== "number" || lengths.length !== 3) return undefined;
  if (!lengths.every((length) => typeof length === "number")) return undefined;
  return { channels, lengths: lengths as [number, number, number] };
}

/** A 3D convolution of stride 1, with weights that are constant. */
export interface Convolution {
  readonly node: Node;
  readonly groups: number;
  readonly input: VolumeShape;
  readonly output: VolumeShape;
  readonly window: Window;
}

/** The 3D convolution of one group that a node computes. */
export function convolution3d(view: GraphView, node: Node | undefined): Convolution | undefined {
  const found = groupedConvolution3d(view, node);
  return found?.groups === 1 ? found : undefined;
}

export function groupedConvolution3d(view: GraphView, node: Node | undefined): Convolution | undefined {
  if (node?.opType !== "Conv" || node.domain !== "") return undefined;
  const [x, weight, bias] = node.inputs;
  const [input, output] = [volumeShape(view, x), volumeShape(view, node.outputs[0])];
  const [, channels, ...kernel] = view.dims(weight) ?? [];
  if (input === undefined || output === undefined || kernel.length !== 3) return undefined;
  if (typeof channels !== "number" || !kernel.every((size) => typeof size === "number")) return undefined;
  if (!view.isConstant(weight) || (bias && !view.isConstant(bias)) || !view.isFloat32(x)) return undefined;
  const window = windowOf(node.attributes, kernel, input.lengths);
  if (window.strides.some((stride) => stride !== 1)) return undefined;
  return { node, groups: input.channels / channels, input, output, window };
}

/** A 3D max-pooling whose windows do not overlap, with rounding down. */
export interface Pooling {
  readonly node: Node;
  readonly input: VolumeShape;
  readonly output: VolumeShape;
  readonly window: Window;
  /** Where its second output is used: the MaxUnpool, the only one. */
  readonly unpooling: Node | undefined;
}

export function maxPooling3d(view: GraphView, node: Node): Pooling | undefined {
  if (node.opType !== "MaxPool" || node.domain !== "" || !view.isFloat32(nodeInput(node, 0)))
    return undefined;
  const { attributes } = node;
  const plain = ["ceil_mode", "storage_order"].every((key) => {
    const found = attributes[key];
    return found === undefined || ("int" in found && found.int === 0);
  });
  const [input, output] = [volumeShape(view, node.inputs[0]), volumeShape(view, node.outputs[0])];
  if (!plain || input === undefined || output === undefined) return undefined;
  const window = windowOf(attributes, intsAttribute(attributes, "kernel_shape", []), input.lengths);
  const apart = window.kernel.every(
    (size, axis) => window.strides[axis] === size && window.dilations[axis] === 1,
  );
  if (!apart) return undefined;
  const indices = node.outputs[1] ?? "";
  if (indices === "" || !view.isUsed(indices)) return { node, input, output, window, unpooling: undefined };
  const unpooling = view.soleConsumer(indices);
  if (unpooling?.opType !== "MaxUnpool" || unpooling.inputs[1] !== indices) return undefined;
  return isInverse(unpooling, window) ? { node, input, output, window, unpooling } : undefined;
}

function isInverse({ attributes }: Node, { kernel, strides, padsBefore, padsAfter }: Window): boolean {
  const same = (key: string, expected: readonly number[], fallback: readonly number[]) =>
    intsAttribute(attributes, key, fallback).join() === expected.join();
  const pads = [...padsBefore, ...padsAfter];
  return (
    same("kernel_shape", kernel, []) &&
    same(
      "strides",
      strides,
      kernel.map(() => 1),
    ) &&
    same(
      "pads",
      pads,
      pads.map(() => 0),
    )
  );
}
