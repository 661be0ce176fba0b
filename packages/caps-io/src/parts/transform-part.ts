import { type Tensor, tensor } from "@voxplain/core";
import { type Extremes, extremes, rescale } from "../min-max.ts";
import { sliceInput } from "../transforms/slice-input.ts";
import type { Part, PartInput } from "./part.ts";

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
}

/** Makes a network's input of a part, as in the training. */
export function transformPart(
  part: Part,
  stored: StoredPart,
  kind: "volume" | "slice",
  { normalize, keepOriginal = false }: TransformOptions,
): PartInput {
  const { dims, data, rows } = stored;
  const warnings: string[] = [];
  let values = data;
  let minMax: "none" | "applied" | "constant" = stored.wasConstant ? "constant" : "none";
  if (normalize) {
    values = stored.owned && !keepOriginal ? data : new Float32Array(data.length);
    const constant = rescale(data, stored.extremes ?? extremes(data), values);
    minMax = constant ? "constant" : "applied";
  }
  if (minMax === "constant") warnings.push(`the ${part.label} is constant; it was made zero`);
  const original = keepOriginal ? { original: tensor("float32", dims, data) } : {};
  if (kind === "volume") {
    const input: Tensor<"float32"> = tensor("float32", dims, values);
    return { ...part, ...original, input, transform: { minMax, ...(rows && { rows }) }, warnings };
  }
  const [, height = 0, width = 0] = dims;
  const { input, wrapped } = sliceInput(values, [height, width]);
  if (wrapped) {
    warnings.push(
      `the ${part.label} has values outside 0 to 1, which its 8 bits cannot hold: they wrap around`,
    );
  }
  return { ...part, ...original, input, transform: { minMax, resizedFrom: [height, width] }, warnings };
}
