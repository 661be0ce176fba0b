import { elementAt, elementCount } from "@voxplain/core";
import { type Model, type Node, nodeInput, nodeOutput } from "@voxplain/onnx-graph";
import { asVolume, type FlatRows, flatConvolution } from "./flat-convolution.ts";
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
 * keep blocks of channels together and copy no windows; there are none for 3D. With 8 channels or more a
 * convolution takes 0.6 to 0.85 of the time.
 *
 * Where the result of a convolution with a padding of 1 is pooled, the column that keeps its rows apart stays:
 * windows are counted downwards, so none holds it, and MaxUnpool gives its zeros back to the convolution of
 * the gradient.
 */
export function blockedConvolution(model: Model, options: BlockedOptions): Model {
  return rewrite(model, (view, rewriting) => {
    const candidates = worthwhile(view, options);
    const blocks = view.nodes.flatMap((node) => pooledBlock(view, candidates, node) ?? []);
    const pooled = new Set(blocks.map(({ convolution }) => convolution.node));
    const wide = new Map<string, string>();
    for (const block of blocks) {
      const rows = flatConvolution(rewriting, block.convolution, nodeInput(block.convolution.node, 0), false);
      const next = poolWide(view, rewriting, block, rows);
      if (next === undefined) continue;
      const { value, widened, shape } = next;
      const user = view.soleConsumer(value);
      const next3d = user && !pooled.has(user) && user.inputs[0] === value ? candidates.get(user) : undefined;
      if (next3d && hasOneColumn(next3d)) wide.set(value, widened);
      else cutColumn(rewriting, block.pooling.node, widened, shape.lengths[2], value);
    }
    for (const convolution of candidates.values()) {
      if (pooled.has(convolution.node)) continue;
      const x = nodeInput(convolution.node, 0);
      cut(rewriting, convolution, flatConvolution(rewriting, convolution, wide.get(x) ?? x, wide.has(x)));
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
  if (!pooling || !relu || !convolution || !hasOneColumn(convolution) || !ignoresColumn(pooling))
    return undefined;
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
    const weights = nodeInput(node, 1);
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

/** 3×3×3 with less padding than kernel, and channels that fill most of their blocks. */
function isBlockable({ input, output, window }: Convolution): boolean {
  const { kernel, dilations, padsBefore, padsAfter } = window;
  return (
    kernel.every((size) => size === 3) &&
    dilations.every((dilation) => dilation === 1) &&
    [...padsBefore, ...padsAfter].every((amount) => amount >= 0 && amount <= 2) &&
    fillsBlocks(input.channels, output.channels)
  );
}

/** Channels are computed by 16 (AVX-512) or 8. */
function fillsBlocks(inputs: number, outputs: number): boolean {
  if (inputs % 8 === 0 && outputs % 8 === 0) return true;
  const filled = (channels: number) => 16 * Math.ceil(channels / 16);
  return filled(inputs) * filled(outputs) <= 1.75 * inputs * outputs;
}

/** A padding of 1 in the plane: its rows are kept apart by one column of zeros, and its result has one, too. */
function hasOneColumn({ window: { padsBefore, padsAfter } }: Convolution): boolean {
  return [...padsBefore.slice(1), ...padsAfter.slice(1)].every((amount) => amount === 1);
}

/** True where one more column behind gives no more windows. */
function ignoresColumn({ input, output, window }: Pooling): boolean {
  const padded = input.lengths[2] + 1 + elementAt(window.padsBefore, 2) + elementAt(window.padsAfter, 2);
  // The column must not stand where padding behind was: then it would be within a window.
  return window.padsAfter[2] === 0 && Math.floor(padded / elementAt(window.kernel, 2)) === output.lengths[2];
}

/** The voxels of the result out of the rows. */
function cut(rewriting: Rewriting, { node, output }: Convolution, flat: FlatRows): void {
  const { builder, add } = rewriting;
  const [, height, width] = output.lengths;
  const [result] = node.outputs as [string];
  if (flat.rows === height && flat.stride === width) {
    asVolume(rewriting, node, flat, output, result);
    return;
  }
  const ranges = [
    [0, flat.first],
    [height, flat.first + width],
    [3, 4],
  ];
  const volume = asVolume(rewriting, node, flat, output);
  add(node, "Slice", [volume, ...ranges.map((numbers) => builder.int64(numbers))], {}, result);
}

function cutColumn({ builder, add }: Rewriting, node: Node, x: string, width: number, output: string): void {
  const range = [0, width, 4].map((number) => builder.int64([number]));
  add(node, "Slice", [x, ...range], {}, output);
}

/** Relu, MaxPool and MaxUnpool with the column. Gives the unpooled value, and the name of the one with it. */
function poolWide(
  view: GraphView,
  rewriting: Rewriting,
  { relu, pooling: { node, input, window, unpooling } }: PooledBlock,
  flat: FlatRows,
): { value: string; widened: string; shape: VolumeShape } | undefined {
  const { builder, add, remove } = rewriting;
  // The Relu comes before the change of shape, so that it is computed together with the convolution.
  const activation = asVolume(rewriting, relu, { ...flat, value: add(relu, "Relu", [flat.value]) }, input);
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
  return { value: nodeOutput(unpooling), widened, shape: input };
}
