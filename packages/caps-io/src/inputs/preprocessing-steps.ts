import { VoxplainError } from "@voxplain/core";

/** Numbers of which there is at least one. */
type Numbers = readonly [number, ...number[]];

/** One change of an image between its file and the network. */
export type PreprocessingStep = PlainStep | ScaleStep | ChannelStep | ResizeStep;

/** A change without numbers. */
export interface PlainStep {
  /**
   * - `rgb` repeats a grey image on three channels; an image of three channels stays as it is.
   * - `grey` makes three channels one (ITU-R BT.601); an image of one channel stays as it is.
   * - `min-max` is (x − min) / (max − min) over the whole image, in float32, as in ClinicaDL's training.
   * - `z-score` is (x − mean) / std over the whole image, all channels and all voxels, zeros too, with the population's
   *   standard deviation: MONAI's `NormalizeIntensity()` with its defaults `nonzero=False, channel_wise=False`.
   */
  readonly kind: "rgb" | "grey" | "min-max" | "z-score";
}

/** x · factor. */
export interface ScaleStep {
  /** What is done. */
  readonly kind: "scale";
  /** One number for all values. */
  readonly factor: number;
}

/** x − mean, or x / std. */
export interface ChannelStep {
  /** What is done. */
  readonly kind: "mean" | "std";
  /** One number for all channels or one for each; above 0 for `std`. */
  readonly values: Numbers;
}

/** Linear interpolation. */
export interface ResizeStep {
  /** What is done. */
  readonly kind: "resize";
  /** Voxels along each axis: one length for all spatial axes, or one for each. */
  readonly lengths: Numbers;
}

const known =
  "none, rgb, grey, min-max, z-score, scale=<factor>, mean=<per channel>, std=<per channel>, resize=<per axis>";

/**
 * Reads steps as `--preprocess` takes them, in their order: "min-max", "resize=96,96,96". The word "none", alone, stands
 * for no step at all.
 * @throws VoxplainError `invalid-argument` naming the step.
 */
export function parsePreprocessing(texts: readonly string[]): readonly PreprocessingStep[] {
  if (texts.length === 1 && texts[0] === "none") return [];
  return texts.map(parseStep);
}

function parseStep(text: string): PreprocessingStep {
  const refuse = (problem: string): never => {
    throw new VoxplainError("invalid-argument", problem, { expected: known, found: `"${text}"` });
  };
  const [name = "", list] = text.split("=", 2);
  switch (name) {
    case "rgb":
    case "grey":
    case "min-max":
    case "z-score":
      return list === undefined ? { kind: name } : refuse(`the preprocessing step ${name} takes no numbers`);
    case "scale": {
      const [factor, ...others] = numbersOf(list) ?? [];
      return factor === undefined || others.length > 0
        ? refuse("the preprocessing step scale takes one number")
        : { kind: name, factor };
    }
    case "mean":
    case "std": {
      const values = numbersOf(list) ?? refuse(`the preprocessing step ${name} takes numbers`);
      const isAllowed = name === "mean" || values.every((value) => value > 0);
      return isAllowed ? { kind: name, values } : refuse("the preprocessing step std takes numbers above 0");
    }
    case "resize": {
      const lengths = numbersOf(list);
      return lengths?.every((value) => Number.isSafeInteger(value) && value > 0)
        ? { kind: name, lengths }
        : refuse("the preprocessing step resize takes whole numbers above 0");
    }
    case "none":
      return refuse('"none" stands for no preprocessing and cannot be combined with other steps');
    default:
      return refuse("there is no such preprocessing step");
  }
}

function numbersOf(list: string | undefined): Numbers | undefined {
  if (list === undefined) return undefined;
  const [first, ...others] = list.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const isNumber = first !== undefined && [first, ...others].every(Number.isFinite);
  return isNumber ? [first, ...others] : undefined;
}

/** A step as `parsePreprocessing` reads it: "resize=96,96,96". */
export function stepText(step: PreprocessingStep): string {
  switch (step.kind) {
    case "scale":
      return `scale=${step.factor}`;
    case "mean":
    case "std":
      return `${step.kind}=${step.values.join(",")}`;
    case "resize":
      return `resize=${step.lengths.join(",")}`;
    default:
      return step.kind;
  }
}
