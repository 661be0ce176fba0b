import { VoxplainError } from "@voxplain/core";
import type { ImageGrid } from "../grids/compare-grids.ts";
import type { ImageFile, ImageHeader } from "../volumes/image-file.ts";
import { applyStep, resizedAffine } from "./apply-step.ts";
import {
  type ChannelImage,
  channelLayout,
  channelsInFront,
  checkChannels,
  type WantedChannels,
} from "./channels.ts";
import { type PreprocessingStep, stepText } from "./preprocessing-steps.ts";
import { lengthsAfter, shapeAfterStep } from "./shape-after-step.ts";

/** What a network takes: one image [C, X, Y, Z] or [C, H, W], without the batch axis. */
export interface InputSpec {
  /** Channels and spatial axes; null where any length will do. */
  readonly lengths: readonly (number | null)[];
  /** Whether an array may have its channels last, as the network's own file has. */
  readonly channelsLast: boolean;
}

/**
 * The input of a network from an image: the one way from a file's values to [C, X, Y, Z] or [C, H, W].
 *
 * 1. Axes: leading axes of length 1 beyond the network's rank are dropped, a missing channel axis is added, the third
 *    axis of a NIfTI slice is dropped, channels that are last in an array are moved to the front where the network's own
 *    file has them last, and an opacity (alpha) that the network does not take is left out, with a warning if it matters.
 * 2. The steps, in their order. Colours become grey, and grey becomes colours, only by a step.
 * 3. The shape must be what the network takes.
 *
 * @returns The values, with the affine of their grid, which follows a resize, and warnings about what was left out or
 * is constant.
 * @throws VoxplainError `invalid-file` for NaN or infinite values; `mismatch` with both shapes and the step that helps;
 * `invalid-argument` for a step with another number of values than the image has channels or axes.
 */
export function imageInput(
  image: ImageFile,
  spec: InputSpec,
  steps: readonly PreprocessingStep[],
): ChannelImage {
  const { name, values, ...header } = image;
  checkFinite(values.data, name);
  const dims = inputDims({ ...header, name, dims: values.dims }, spec, steps);
  const prepared = steps.reduce(
    (before, step) => applyStep(before, step, name),
    channelsInFront(image, wantedChannels(spec)),
  );
  if (prepared.values.dims.join() === dims.join()) return prepared;
  throw new RangeError(`the steps made [${prepared.values.dims.join(", ")}] instead of [${dims.join(", ")}]`);
}

/**
 * The shape of an image's input, from the shape of its file alone.
 * @returns [C, X, Y, Z] or [C, H, W].
 * @throws VoxplainError `mismatch` as `imageInput`.
 */
export function inputDims(
  image: ImageHeader,
  spec: InputSpec,
  steps: readonly PreprocessingStep[],
): readonly number[] {
  const { name } = image;
  const { dims: found } = channelLayout(image, wantedChannels(spec));
  if (!steps.some(({ kind }) => kind === "rgb" || kind === "grey"))
    checkChannels(found, name, spec.lengths[0]);
  const dims = steps.reduce((before, step) => shapeAfterStep(before, step, name), found);
  checkChannels(dims, name, spec.lengths[0]);
  if (dims.every((length, axis) => (spec.lengths[axis] ?? length) === length)) return dims;
  const shape = `[${dims.join(", ")}]`;
  const [, ...lengths] = spec.lengths.map((length, axis) => length ?? dims[axis] ?? 1);
  throw new VoxplainError("mismatch", "the image has another shape than the network takes", {
    file: name,
    expected: `[${spec.lengths.map((length) => length ?? "any").join(", ")}]`,
    found: dims.join() === found.join() ? shape : `${shape} after ${steps.map(stepText).join(", ")}`,
    hint: `the preprocessing step resize=${lengths.join(",")} interpolates it to that shape`,
  });
}

/**
 * The grid of an image's input, from the header of its file: that of the map. An affine follows a resize.
 * @throws VoxplainError `mismatch` as `imageInput`.
 */
export function inputGrid(
  image: ImageHeader,
  spec: InputSpec,
  steps: readonly PreprocessingStep[],
): ImageGrid {
  const { name, affineError } = image;
  const [channels = 1, ...shape] = inputDims(image, spec, steps);
  const [, ...stored] = channelLayout(image, wantedChannels(spec)).dims;
  const resizes = steps.flatMap((step) => (step.kind === "resize" ? [step.lengths] : []));
  let { affine } = image;
  let from: readonly number[] = stored;
  for (const lengths of resizes) {
    const to = lengthsAfter(from, lengths);
    affine = affine && resizedAffine(affine, from, to);
    from = to;
  }
  return { name, shape, channels, ...(affine && { affine }), ...(affineError && { affineError }) };
}

function wantedChannels({ lengths, channelsLast }: InputSpec): WantedChannels {
  return { rank: lengths.length, channels: lengths[0] ?? undefined, channelsLast };
}

function checkFinite(values: Float32Array, name: string): void {
  let broken = 0;
  for (const value of values) if (!Number.isFinite(value)) broken++;
  if (broken === 0) return;
  throw new VoxplainError(
    "invalid-file",
    `${broken} of ${values.length} values are NaN or infinite; no network can read such an image`,
    { file: name },
  );
}
