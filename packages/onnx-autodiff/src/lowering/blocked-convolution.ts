import { elementCount, tensor } from "@voxplain/core";
import type { Model, Node } from "@voxplain/onnx-graph";
import {
  type Convolution,
  convolution3d,
  type GraphView,
  maxPooling3d,
  type Pooling,
  type VolumeShape,
} from "./graph-view.ts";
import { type Rewriting, rewrite, shapeValue } from "./rewrite.ts";

export interface BlockedOptions {
  /** Convolutions with fewer multiplications than this per image stay as they are. */
  readonly multiplications: number;
}

/**
 * 3×3×3 convolutions as sums of three 2D ones. On x64, ONNX Runtime's kernels for 2D convolutions
 * keep blocks of channels together and copy no windows; there are none for 3D. With one column of
 * zeros behind the width, [D, H, W + 1] is the image [D, H·(W + 1)]: a step along the height is a
 * step of W + 1 (a dilation), and a step along the width is one of 1, where the column keeps rows
 * apart. So there is one 3×3 convolution over depth and height for each place of the kernel along
 * the width, shifted by it.
 *
 * Where the result is pooled the column stays: windows are counted downwards, so none holds it, and
 * MaxUnpool gives its zeros back to the convolution of the gradient. With 8 channels or more a
 * convolution takes 0.6 to 0.85 of the time.
 */
export function blockedConvolution(model: Model, options: BlockedOptions): Model {
  return rewrite(model, (view, rewriting) => {
    const candidates = worthwhile(view, options);
    const blocks = view.nodes.flatMap((node) => pooledBlock(view, candidates, node) ?? []);
    const pooled = new Set(blocks.map(({ convolution }) => convolution.node));
    const wide = new Map<string, string>();
    for (const block of blocks) {
      const rows = convolve(rewriting, block.convolution, block.convolution.node.inputs[0]!, false);
      const next = poolWide(view, rewriting, block, rows);
      if (next === undefined) continue;
      const { value, widened, shape } = next;
      const user = view.soleConsumer(value);
      const keeps = user && candidates.has(user) && !pooled.has(user) && user.inputs[0] === value;
      if (keeps) wide.set(value, widened);
      else cutColumn(rewriting, block.pooling.node, widened, shape.lengths[2], value);
    }
    for (const convolution of candidates.values()) {
      if (pooled.has(convolution.node)) continue;
      const { node, output } = convolution;
      const x = node.inputs[0]!;
      const rows = convolve(rewriting, convolution, wide.get(x) ?? x, wide.has(x));
      cutColumn(
        rewriting,
        node,
        unflatten(rewriting, node, rows, output),
        output.lengths[2],
        node.outputs[0]!,
      );
    }
    rewriting.remove(...candidates.keys());
  });
}

/** A convolution that is made wide together with the pooling of its result. */
interface PooledBlock {
  readonly convolution: Convolution;
  readonly relu: Node;
  readonly pooling: Pooling;
}

function pooledBlock(
  view: GraphView,
  candidates: ReadonlyMap<Node, Convolution>,
  node: Node,
): PooledBlock | undefined {
  const pooling = maxPooling3d(view, node);
  const relu = pooling && view.soleProducer(node.inputs[0], "Relu");
  const producer = view.soleProducer(relu?.inputs[0], "Conv");
  const convolution = producer && candidates.get(producer);
  if (!pooling || !relu || !convolution || !ignoresColumn(pooling)) return undefined;
  return { convolution, relu, pooling };
}

/**
 * Slabs of one convolution have the same weights. All of them are blocked or none is: another order
 * of summation would make unequal what is equal on both sides of an edge, and move the maximum.
 */
function worthwhile(view: GraphView, { multiplications }: BlockedOptions): ReadonlyMap<Node, Convolution> {
  const byWeights = new Map<string, Convolution[]>();
  for (const node of view.nodes) {
    const convolution = convolution3d(view, node);
    if (convolution === undefined) continue;
    const weights = node.inputs[1]!;
    byWeights.set(weights, [...(byWeights.get(weights) ?? []), convolution]);
  }
  const work = ({ input, output }: Convolution) =>
    elementCount([...output.lengths, input.channels, output.channels, 27]);
  const chosen = [...byWeights.values()].filter(
    (slabs) =>
      slabs.every(isBlockable) && slabs.reduce((sum, slab) => sum + work(slab), 0) >= multiplications,
  );
  return new Map(chosen.flat().map((convolution) => [convolution.node, convolution]));
}

/** 3×3×3 with a padding of 1, but for the depth; channels that fill blocks. */
function isBlockable({ input, output, window }: Convolution): boolean {
  const { kernel, dilations, padsBefore, padsAfter } = window;
  return (
    kernel.every((size) => size === 3) &&
    dilations.every((dilation) => dilation === 1) &&
    [...padsBefore.slice(1), ...padsAfter.slice(1)].every((amount) => amount === 1) &&
    [input, output].every(({ channels }) => channels % 8 === 0)
  );
}

/** True where one more column behind gives no more windows. */
function ignoresColumn({ input, output, window }: Pooling): boolean {
  const padded = input.lengths[2] + 1 + window.padsBefore[2]! + window.padsAfter[2]!;
  // The column must not stand where padding behind was: then it would be within a window.
  return window.padsAfter[2] === 0 && Math.floor(padded / window.kernel[2]!) === output.lengths[2];
}

/** [N, Ci, D, H, W] (or with the column already) → [N, Co, D, H·(W + 1)], where the column is any number. */
function convolve(
  rewriting: Rewriting,
  { node, input, window }: Convolution,
  x: string,
  isWide: boolean,
): string {
  const { builder, add } = rewriting;
  const [depth, height, width] = input.lengths;
  const [, weight, ...bias] = node.inputs as [string, string, ...string[]];
  const padded = isWide ? x : add(node, "Pad", [x, builder.int64([0, 0, 0, 0, 0, 0, 0, 0, 0, 1])]);
  const rows = add(node, "Reshape", [
    padded,
    builder.int64([0, input.channels, depth, height * (width + 1)]),
  ]);
  const parts = [-1, 0, 1].map((shift) => {
    const place = builder.constant(tensor("int64", [], BigInt64Array.of(BigInt(shift + 1))));
    const slice = add(node, "Gather", [weight, place], { axis: 4 });
    return add(node, "Conv", [rows, slice, ...(shift < 0 ? bias : [])], {
      kernel_shape: [3, 3],
      dilations: [1, width + 1],
      pads: [window.padsBefore[0]!, width + 1 - shift, window.padsAfter[0]!, width + 1 + shift],
    });
  });
  return parts.reduce((sum, part) => add(node, "Add", [sum, part]));
}

function unflatten(
  { builder, add }: Rewriting,
  node: Node,
  rows: string,
  { channels, lengths: [depth, height, width] }: Convolution["output"],
): string {
  return add(node, "Reshape", [rows, builder.int64([0, channels, depth, height, width + 1])]);
}

function cutColumn({ builder, add }: Rewriting, node: Node, x: string, width: number, output: string): void {
  const [start, end, axis] = [0, width, 4].map((number) => builder.int64([number]));
  add(node, "Slice", [x, start!, end!, axis!], {}, output);
}

/** Relu, MaxPool and MaxUnpool with the column. Gives the unpooled value, and the name of the one with it. */
function poolWide(
  view: GraphView,
  rewriting: Rewriting,
  { relu, pooling: { node, input, window, unpooling } }: PooledBlock,
  rows: string,
): { value: string; widened: string; shape: VolumeShape } | undefined {
  const { builder, add, remove } = rewriting;
  // The Relu comes before the change of shape, so that it is computed together with the convolution.
  const activation = unflatten(rewriting, relu, add(relu, "Relu", [rows]), input);
  const { kernel, strides, padsBefore, padsAfter } = window;
  const attributes = { kernel_shape: kernel, strides, pads: [...padsBefore, ...padsAfter] };
  const outputs = node.outputs.slice(0, unpooling ? 2 : 1);
  remove(relu, node, unpooling);
  builder.addMany("MaxPool", [activation], outputs.length, attributes, { name: node.name, outputs });
  if (unpooling === undefined) return undefined;
  const [depth, height, width] = input.lengths;
  const shape: VolumeShape = { channels: input.channels, lengths: [depth, height, width + 1] };
  const [gradient, indices] = unpooling.inputs as [string, string];
  const target = shapeValue(view, rewriting, unpooling, gradient, shape);
  const widened = add(unpooling, "MaxUnpool", [gradient, indices, target], attributes);
  return { value: unpooling.outputs[0]!, widened, shape: input };
}
