import { type ConvolutionBlock, VoxplainError } from "@voxplain/core";
import { arena } from "./arena.ts";
import { chooseKernel, copiesRepeats, type KernelChoice } from "./choose-kernel.ts";
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
  const stages: {
    readonly block: ConvolutionBlock;
    readonly geometry: Geometry;
    readonly choice: KernelChoice;
  }[] = [];
  for (const block of blocks) {
    const geometry = geometryOf(block, stages.at(-1)?.geometry.out ?? dims);
    stages.push({ block, geometry, choice: chooseKernel(block, geometry) });
  }
  const placed: PlacedBlock[] = [];
  let cutGradient = 0;
  const first = stages[0]?.geometry;
  const top = stages.at(-1)?.geometry;
  if (!first || !top) throw new VoxplainError("invalid-argument", "there are no blocks to compute");
  const input = memory.take(4 * first.channels * product(first.input));
  const gradient = memory.take(4 * first.channels * product(first.input));
  /** A table for the rows at the input of a block, where that block makes use of it. */
  const repeatsFor = (stage: (typeof stages)[number] | undefined) =>
    stage && copiesRepeats(stage.choice)
      ? memory.take(8 * stage.geometry.input[0] * stage.geometry.input[1])
      : 0;
  let places: BlockPlaces = {
    input,
    output: 0,
    gradient: 0,
    gradientChannel: 0,
    gradientCell: 0,
    inputGradient: gradient,
    channelsLast: false,
    repeats: repeatsFor(stages[0]),
    outputRepeats: 0,
    front: 0,
  };
  stages.forEach(({ block, geometry, choice }, k) => {
    const cells = product(geometry.out);
    // Between blocks the gradient takes the place of the values, of which the backward pass needs the codes alone; it may have its
    // channels beside each other, in a multiple of 4.
    const isTop = geometry === top;
    const output = memory.take(4 * cells * (isTop ? geometry.outputs : Math.ceil(geometry.outputs / 4) * 4));
    const next = stages[k + 1];
    const channelsLast = next !== undefined && writesChannelsLast(next.choice, next.geometry);
    if (isTop) cutGradient = memory.take(4 * cells * geometry.outputs);
    places = {
      ...places,
      output,
      gradient: isTop ? cutGradient : output,
      ...(channelsLast ? last(geometry) : planar(geometry)),
      outputRepeats: copiesRepeats(choice) ? repeatsFor(next) : 0,
    };
    const own = placeBlock(block, geometry, places, memory);
    placed.push(own);
    places = {
      ...places,
      input: output,
      inputGradient: output,
      channelsLast,
      repeats: places.outputRepeats,
      front: k === 0 && geometry.pooling !== "average" ? own.forward : 0,
    };
  });
  return { memory, placed, input, gradient, cut: places.input, cutGradient, first, top };
}
