import { elementAt } from "@voxplain/core";
import { type Model, type Node, nodeInput, nodeOutput } from "@voxplain/onnx-graph";
import {
  type Convolution,
  convolution3d,
  type GraphView,
  groupedConvolution3d,
  maxPooling3d,
  type Pooling,
  type VolumeShape,
} from "./graph-view.ts";
import { type Rewriting, rewrite, shapeValue } from "./rewrite.ts";

export interface SlabOptions {
  /** Blocks whose convolution gives more bytes than this per image are cut. */
  readonly wholeBytes: number;
  /** What a slab of it should take. */
  readonly slabBytes: number;
}

/**
 * The first block of a 3D network gives 8 times the voxels of the image (200 MB at 169×208×179), and
 * its gradient as many again. Both are computed slab by slab along the depth, each up to where it is
 * small: Conv → Relu → MaxPool, and MaxUnpool → Conv … of the gradient. Slabs end where pooling
 * windows end, and convolutions see the planes of the neighbours that they need, so that every value
 * is computed from the same numbers as before; the positions of the maxima count within the slab.
 */
export function depthSlabs(model: Model, options: SlabOptions): Model {
  return rewrite(model, (view, rewriting) => {
    for (const node of view.nodes) {
      const pooling = maxPooling3d(view, node);
      const block = pooling && blockOf(view, pooling);
      if (block === undefined || nodesOf(block).some(rewriting.isRemoved)) continue;
      const slabs = planSlabs(block.pooling, block.halo, options);
      if (slabs.length > 1) cut(view, rewriting, block, slabs);
    }
  });
}

interface Block {
  readonly convolution: Convolution;
  readonly relu: Node;
  readonly pooling: Pooling;
  /** Convolutions of the gradient, one after the other, from the MaxUnpool on. */
  readonly gradient: readonly Convolution[];
  /** Planes that the gradient's convolutions need of a neighbouring slab, at most. */
  readonly halo: number;
}

function blockOf(view: GraphView, pooling: Pooling): Block | undefined {
  const relu = view.soleProducer(pooling.node.inputs[0], "Relu");
  const convolution = convolution3d(view, view.soleProducer(relu?.inputs[0], "Conv"));
  if (relu === undefined || convolution === undefined) return undefined;
  const gradient: Convolution[] = [];
  if (pooling.unpooling !== undefined) {
    let value = nodeOutput(pooling.unpooling);
    for (;;) {
      const next = groupedConvolution3d(view, view.soleConsumer(value));
      if (next === undefined || next.node.inputs[0] !== value || !keepsDepth(next)) break;
      gradient.push(next);
      value = nodeOutput(next.node);
    }
    // Without a convolution that makes it small, the whole unpooled gradient would be there anyway.
    if (gradient.length === 0) return undefined;
  }
  const halo = Math.max(
    0,
    ...gradient.flatMap(({ window }) => [elementAt(window.padsBefore, 0), elementAt(window.padsAfter, 0)]),
  );
  return { convolution, relu, pooling, gradient, halo };
}

function nodesOf({ convolution, relu, pooling, gradient }: Block): readonly Node[] {
  const unpooling = pooling.unpooling === undefined ? [] : [pooling.unpooling];
  return [convolution.node, relu, pooling.node, ...unpooling, ...gradient.map(({ node }) => node)];
}

function keepsDepth({ window: { kernel, dilations, padsBefore, padsAfter } }: Convolution): boolean {
  return (
    elementAt(padsBefore, 0) + elementAt(padsAfter, 0) ===
    (elementAt(kernel, 0) - 1) * elementAt(dilations, 0)
  );
}

/** A range of pooled planes, and of the planes that they are the maxima of. */
interface Slab {
  readonly pooled: readonly [number, number];
  readonly planes: readonly [number, number];
  /** Padding of the pooling in front and behind: at the ends of the volume only. */
  readonly pads: readonly [number, number];
}

function planSlabs({ input, output, window }: Pooling, halo: number, options: SlabOptions): readonly Slab[] {
  const [depth, height, width] = input.lengths;
  const planeBytes = 4 * input.channels * height * width;
  if (planeBytes * depth <= options.wholeBytes) return [];
  const size = elementAt(window.kernel, 0);
  const front = elementAt(window.padsBefore, 0);
  const wanted = Math.floor(options.slabBytes / (planeBytes * size));
  const smallest = Math.max(1, Math.ceil((halo + front) / size));
  const total = output.lengths[0];
  const count = Math.floor(total / Math.max(smallest, Math.min(wanted, total)));
  const edges = Array.from({ length: count + 1 }, (_, k) => Math.round((k * total) / count));
  const slabs = edges.slice(1).map((end, k): Slab => {
    const start = elementAt(edges, k);
    const planes = [Math.max(0, start * size - front), end === total ? depth : end * size - front] as const;
    const before = start === 0 ? front : 0;
    const behind = Math.max(0, (end - start) * size - before - (planes[1] - planes[0]));
    return { pooled: [start, end], planes, pads: [before, behind] };
  });
  // The end of the volume may leave the last slab fewer planes than its neighbour needs.
  return slabs.every(({ planes: [first, end] }) => end - first >= Math.max(1, halo)) ? slabs : [];
}

function cut(view: GraphView, rewriting: Rewriting, block: Block, slabs: readonly Slab[]): void {
  const { builder, add, remove } = rewriting;
  const { convolution, relu, pooling } = block;
  const { node } = pooling;
  const indices: string[] = [];
  const pooled = slabs.map((slab) => {
    const activation = add(relu, "Relu", [convolveSlab(rewriting, convolution, slab)]);
    const attributes = poolingAttributes(pooling, slab);
    const name = builder.fresh(`${node.name}/slab`);
    const count = pooling.unpooling ? 2 : 1;
    const [maxima, places] = builder.addMany("MaxPool", [activation], count, attributes, { name });
    if (places !== undefined) indices.push(places);
    return maxima;
  });
  remove(...nodesOf(block));
  add(node, "Concat", pooled, { axis: 2 }, nodeOutput(node));
  const { unpooling } = pooling;
  const last = block.gradient.at(-1)?.node;
  if (unpooling === undefined || last === undefined) return;

  const unpooled = slabs.map((slab, k) =>
    unpoolSlab(view, rewriting, pooling, unpooling, slab, elementAt(indices, k)),
  );
  const heights = slabs.map(({ planes: [first, end] }) => end - first);
  const results = block.gradient.reduce(
    (values: readonly string[], next) => convolveNeighbours(rewriting, next, values, heights),
    unpooled,
  );
  add(last, "Concat", results, { axis: 2 }, nodeOutput(last));
}

function slicePlanes(
  { builder, add }: Rewriting,
  node: Node,
  value: string,
  first: number,
  end: number,
): string {
  return add(node, "Slice", [value, ...[first, end, 2].map((number) => builder.int64([number]))]);
}

/** The convolution for the planes of a slab, from the planes of its input that they need. */
function convolveSlab(rewriting: Rewriting, convolution: Convolution, slab: Slab): string {
  const { node, input, window } = convolution;
  const reach = (elementAt(window.kernel, 0) - 1) * elementAt(window.dilations, 0);
  const first = slab.planes[0] - elementAt(window.padsBefore, 0);
  const end = slab.planes[1] - elementAt(window.padsBefore, 0) + reach;
  const [from, to] = [Math.max(0, first), Math.min(input.lengths[0], end)];
  const planes = slicePlanes(rewriting, node, nodeInput(node, 0), from, to);
  return convolve(rewriting, convolution, planes, from - first, end - to);
}

/** A convolution of the gradient on every slab, with the outermost planes of the slabs beside it. */
function convolveNeighbours(
  rewriting: Rewriting,
  convolution: Convolution,
  values: readonly string[],
  heights: readonly number[],
): readonly string[] {
  const { node, window } = convolution;
  const [front, behind] = [elementAt(window.padsBefore, 0), elementAt(window.padsAfter, 0)];
  return values.map((value, k) => {
    const parts = [value];
    const [above, below] = [values[k - 1], values[k + 1]];
    if (front > 0 && above !== undefined) {
      const height = elementAt(heights, k - 1);
      parts.unshift(slicePlanes(rewriting, node, above, height - front, height));
    }
    if (behind > 0 && below !== undefined) parts.push(slicePlanes(rewriting, node, below, 0, behind));
    const joined = parts.length === 1 ? value : rewriting.add(node, "Concat", parts, { axis: 2 });
    return convolve(
      rewriting,
      convolution,
      joined,
      above === undefined ? front : 0,
      below === undefined ? behind : 0,
    );
  });
}

/** The same convolution with other padding along the depth. */
function convolve(
  { add }: Rewriting,
  { node, groups, window: { kernel, dilations, padsBefore, padsAfter } }: Convolution,
  x: string,
  front: number,
  behind: number,
): string {
  return add(node, "Conv", [x, ...node.inputs.slice(1)], {
    kernel_shape: kernel,
    dilations,
    group: groups,
    pads: [front, ...padsBefore.slice(1), behind, ...padsAfter.slice(1)],
  });
}

function poolingAttributes({ window }: Pooling, { pads: [front, behind] }: Slab) {
  const { kernel, strides, padsBefore, padsAfter } = window;
  const pads = [front, ...padsBefore.slice(1), behind, ...padsAfter.slice(1)];
  return { kernel_shape: kernel, strides, pads };
}

function unpoolSlab(
  view: GraphView,
  rewriting: Rewriting,
  pooling: Pooling,
  unpooling: Node,
  slab: Slab,
  indices: string,
): string {
  const gradient = slicePlanes(rewriting, unpooling, nodeInput(unpooling, 0), ...slab.pooled);
  const [, height, width] = pooling.input.lengths;
  const shape: VolumeShape = {
    channels: pooling.input.channels,
    lengths: [slab.planes[1] - slab.planes[0], height, width],
  };
  const target = shapeValue(view, rewriting, unpooling, gradient, shape, nodeInput(unpooling, 0));
  return rewriting.add(unpooling, "MaxUnpool", [gradient, indices, target], poolingAttributes(pooling, slab));
}
