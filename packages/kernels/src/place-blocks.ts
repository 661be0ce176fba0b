import { type ConvolutionBlock, VoxplainError } from "@voxplain/core";
import { arena } from "./arena.ts";
import { chooseKernel, type KernelChoice } from "./choose-kernel.ts";
import { type Geometry, geometryOf, product } from "./geometry.ts";
import { type BlockPlaces, type PlacedBlock, placeBlock } from "./place-block.ts";

/** Bytes from the gradient of one channel to the next, and of one cell to the next. */
const planar = (geometry: Geometry) => ({ gradientChannel: 4 * product(geometry.out), gradientCell: 4 });
const last = (geometry: Geometry) => ({
  gradientChannel: 4,
  gradientCell: 4 * Math.ceil(geometry.outputs / 4) * 4,
});

/** Does a block's kernel write the channels of a position beside each other? */
const writesChannelsLast = ({ gradient }: KernelChoice, { channels }: Geometry) =>
  gradient === "gradientMany" || (gradient === "scatterGradient" && channels > 1);

/** Lays out all blocks on an image of these lengths, without batch and channels: values, gradients, weights. */
export function placeBlocks(blocks: readonly ConvolutionBlock[], dims: readonly number[]) {
  const memory = arena();
  const geometries: Geometry[] = [];
  for (const block of blocks) geometries.push(geometryOf(block, geometries.at(-1)?.out ?? dims));
  const placed: PlacedBlock[] = [];
  let cutGradient = 0;
  const [first] = geometries;
  const top = geometries.at(-1);
  if (!first || !top) throw new VoxplainError("invalid-argument", "there are no blocks to compute");
  const input = memory.take(4 * first.channels * product(first.input));
  const gradient = memory.take(4 * first.channels * product(first.input));
  let places: BlockPlaces = {
    input,
    output: 0,
    gradient: 0,
    gradientChannel: 0,
    gradientCell: 0,
    inputGradient: gradient,
    channelsLast: false,
  };
  geometries.forEach((geometry, k) => {
    const block = blocks[k];
    if (!block) return;
    const cells = product(geometry.out);
    // Between blocks the gradient takes the place of the values, of which the backward pass needs the codes alone; it may have its
    // channels beside each other, in a multiple of 4.
    const isTop = geometry === top;
    const output = memory.take(4 * cells * (isTop ? geometry.outputs : Math.ceil(geometry.outputs / 4) * 4));
    const next = blocks[k + 1];
    const nextGeometry = geometries[k + 1];
    const channelsLast =
      next && nextGeometry ? writesChannelsLast(chooseKernel(next, nextGeometry), nextGeometry) : false;
    if (isTop) cutGradient = memory.take(4 * cells * geometry.outputs);
    places = {
      ...places,
      output,
      gradient: isTop ? cutGradient : output,
      ...(channelsLast ? last(geometry) : planar(geometry)),
    };
    placed.push(placeBlock(block, geometry, places, memory));
    places = { ...places, input: output, inputGradient: output, channelsLast };
  });
  return { memory, placed, input, gradient, cut: places.input, cutGradient, first, top };
}
