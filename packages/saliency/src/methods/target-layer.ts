import { elementAt, elementCount, type Tensor, VoxplainError } from "@voxplain/core";
import type { DifferentiableModel, Layer } from "../attribution.ts";

/** How the values of a layer are laid out over the image. */
export interface LayerGrid {
  readonly channels: number;
  /** Lengths of the grid's axes. */
  readonly grid: readonly number[];
  /** Whether the channels of a position are contiguous, as in tokens. */
  readonly channelsLast: boolean;
  /** Tokens before those of the grid, such as the class token. */
  readonly extraTokens: number;
}

/** A class token, one of distillation, four registers. */
const mostExtraTokens = 5;

/**
 * The last layer that has a grid like the input's, coarser or not. In a network with attention, whose values of
 * the same rank are no grids, the user has to say which one is meant.
 * @throws VoxplainError `invalid-argument` that names layers which would do.
 */
export function lastSpatialLayer(model: DifferentiableModel): string {
  const found = spatialLayers(model).at(-1);
  const isAttentive = attentionOf(model) !== undefined;
  if (found !== undefined && !isAttentive) return found.name;
  const tokens = tokenLayers(model).map(({ name }) => name);
  const candidates =
    tokens.length > 0 ? `; tokens before its last attention are ${tokens.slice(-3).join(", ")}` : "";
  const reason = isAttentive ? "attention" : "no layer of known shape with spatial axes";
  throw new VoxplainError("invalid-argument", `this network has ${reason}`, {
    hint: `say which layer to look at${candidates}`,
  });
}

/**
 * The grid of a layer [N, channels, ...spatial], or channels last where the graph shows it, or where only that has the
 * proportions of the image; or of one of tokens [N, tokens, channels] where another layer
 * gives their grid: the patches, in the order of their positions, behind extra tokens.
 * @throws VoxplainError `invalid-argument` that names layers which would do.
 */
export function layerGrid(name: string, { dims }: Tensor<"float32">, model: DifferentiableModel): LayerGrid {
  if (dims.length === model.inputDims.length + 1) {
    const [channelsFirst, channelsLast] = [dims.slice(2), dims.slice(1, -1)];
    const shown = model.layers.find((layer) => layer.name === name)?.channelAxis;
    // As Swin has it between its attentions: [N, 56, 56, 96] of an image of 224×224.
    const looksLast = !isCoarser(channelsFirst, model) && isCoarser(channelsLast, model);
    return (shown === undefined ? looksLast : shown === dims.length - 1)
      ? { channels: elementAt(dims, dims.length - 1), grid: channelsLast, channelsLast: true, extraTokens: 0 }
      : { channels: elementAt(dims, 1), grid: channelsFirst, channelsLast: false, extraTokens: 0 };
  }
  if (dims.length === 3) {
    const [, tokens, channels] = dims as [number, number, number];
    const grid = gridOfTokens(tokens, model);
    if (grid !== undefined)
      return { channels, grid, channelsLast: true, extraTokens: tokens - elementCount(grid) };
  }
  const candidates = [...tokenLayers(model).slice(-3), ...spatialLayers(model).slice(-5)].map(
    (one) => one.name,
  );
  throw new VoxplainError("invalid-argument", `the layer ${name} has no spatial axes`, {
    expected: `[N, channels, and ${model.inputDims.length - 1} spatial axes]`,
    found: `[${dims.join(", ")}]`,
    hint: candidates.length > 0 ? `such layers are ${candidates.join(", ")}` : undefined,
  });
}

/** The values of one input, [channels, positions]. */
export function onGrid(all: Tensor<"float32">, index: number, layer: LayerGrid): Float32Array {
  const { channels, grid, channelsLast, extraTokens } = layer;
  const positions = elementCount(grid);
  const size = channels * (positions + extraTokens);
  const own = all.data.subarray(index * size, (index + 1) * size);
  if (!channelsLast) return own;
  const turned = new Float32Array(channels * positions);
  for (let p = 0; p < positions; p++) {
    for (let c = 0; c < channels; c++) turned[c * positions + p] = own[(extraTokens + p) * channels + c]!;
  }
  return turned;
}

/** Whether a grid is the input's, coarser by about the same factor along each axis. */
function isCoarser(grid: readonly number[], { inputDims }: DifferentiableModel): boolean {
  const factors = grid.map((length, axis) => elementAt(inputDims, axis + 1) / length);
  return Math.max(...factors) < 1.4 * Math.min(...factors);
}

function spatialLayers({ layers, inputDims }: DifferentiableModel): Layer[] {
  return layers.filter((layer) => {
    if (layer.dims?.length !== inputDims.length) return false;
    const grid = layer.dims.toSpliced((layer.channelAxis ?? 1) - 1, 1);
    return (
      grid.some((length) => length > 1) &&
      grid.every((length, axis) => length <= elementAt(inputDims, axis + 1))
    );
  });
}

/** The last softmax over something else than the channels of an image, as networks that segment have it. */
function attentionOf(model: DifferentiableModel): Layer | undefined {
  const grids = convolutions(model).map(({ dims }) => dims?.slice(1).join());
  return model.layers.findLast(
    ({ operator, dims }) => operator === "Softmax" && !grids.includes(dims?.slice(1).join()),
  );
}

function convolutions(model: DifferentiableModel): Layer[] {
  return spatialLayers(model).filter(({ operator }) => operator === "Conv" || operator === "ConvTranspose");
}

/** The grid of the patches, which a convolution cuts out. */
function gridOfTokens(tokens: number, model: DifferentiableModel): readonly number[] | undefined {
  const grids = convolutions(model).flatMap(({ dims }) => (dims === undefined ? [] : [dims.slice(1)]));
  return grids.findLast((grid) => {
    const extra = tokens - elementCount(grid);
    return extra >= 0 && extra <= mostExtraTokens;
  });
}

/** Tokens that the last attention can still bring together: behind it often one alone reaches the logits. */
function tokenLayers(model: DifferentiableModel): Layer[] {
  const attention = attentionOf(model);
  if (attention === undefined) return [];
  const before = model.layers.slice(0, model.layers.indexOf(attention));
  const tokens = before.filter(
    ({ dims }) => dims?.length === 2 && gridOfTokens(elementAt(dims, 0), model) !== undefined,
  );
  const normalized = tokens.filter(({ operator }) => operator === "LayerNormalization");
  return normalized.length > 0 ? normalized : tokens.filter(({ operator }) => operator === "Add");
}
