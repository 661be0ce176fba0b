import { elementCount, tensor } from "@voxplain/core";
import { type Extremes, extremes, rescale } from "../transforms/min-max.ts";
import { reduced, reductionOf } from "../transforms/size-reduction.ts";
import { sliceInput } from "../transforms/slice-input.ts";
import type { Part, PartInput, PartTransform } from "./part.ts";
import type { PartSettings } from "./settings.ts";

export interface TransformOptions {
  /** Min-max over the part. */
  readonly normalize: boolean;
  /** Whether parts keep their values before the transforms, for `throughNormalization`. */
  readonly keepOriginal?: boolean;
}

/** What was cut out of an image or read from a part's own file. */
export interface StoredPart {
  /** [1, …]; of 2D images [C, H, W]; of a slice [1, H, W]. */
  readonly dims: readonly number[];
  readonly data: Float32Array;
  /** Nobody else looks at the data: they may be changed. */
  readonly owned: boolean;
  readonly extremes?: Extremes;
  readonly rows?: readonly (readonly number[])[];
  /** Min-max at its extraction divided by zero, and left nothing of it. */
  readonly wasConstant?: boolean;
  /** Sentences about its values. */
  readonly warnings?: readonly string[];
}

/**
 * Makes a network's input of a part, as in the training.
 * @throws VoxplainError `mismatch` for a part that size reduction leaves nothing of.
 */
export function transformPart(
  part: Part,
  stored: StoredPart,
  settings: PartSettings,
  { normalize, keepOriginal = false }: TransformOptions,
): PartInput {
  const { dims, data } = stored;
  const warnings = [...(stored.warnings ?? [])];
  let values = data;
  let minMax: PartTransform["minMax"] = stored.wasConstant ? "constant" : "none";
  if (normalize) {
    values = stored.owned && !keepOriginal ? data : new Float32Array(data.length);
    const constant = rescale(data, stored.extremes ?? extremes(data), values);
    minMax = constant ? "constant" : "applied";
  }
  if (minMax === "constant") warnings.push(`the ${part.label} is constant; it was made zero`);
  const original = keepOriginal ? { original: tensor("float32", dims, data) } : {};
  if (settings.mode === "slice") {
    const [, height = 0, width = 0] = dims;
    const size = [height, width] as const;
    if (!settings.resized) {
      const input = copies(values, settings.channels, size);
      return { ...part, ...original, input, transform: { minMax, copiesOf: size }, warnings };
    }
    const { input, wrapped } = sliceInput(values, size);
    if (wrapped) {
      warnings.push(
        `the ${part.label} has values outside 0 to 1, which its 8 bits cannot hold: they wrap around`,
      );
    }
    return { ...part, ...original, input, transform: { minMax, resizedFrom: size }, warnings };
  }
  const transform = { minMax, ...(stored.rows && { rows: stored.rows }) };
  if (settings.sizeReduction === undefined) {
    return { ...part, ...original, input: tensor("float32", dims, values), transform, warnings };
  }
  const reduction = reductionOf(dims.slice(1), settings.sizeReduction);
  const input = tensor("float32", [1, ...reduction.size], reduced(values, reduction));
  return { ...part, ...original, input, transform: { ...transform, reduction }, warnings };
}

/** The same plane on each channel. */
function copies(plane: Float32Array, channels: number, size: readonly [number, number]) {
  const data = channels === 1 ? plane : new Float32Array(channels * elementCount(size));
  if (channels > 1) for (let k = 0; k < channels; k++) data.set(plane, k * plane.length);
  return tensor("float32", [channels, ...size], data);
}
