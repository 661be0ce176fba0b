import { VoxplainError } from "@voxplain/core";

/** Numbers of which there is at least one. */
type Numbers = readonly [number, ...number[]];

/** One change of an image between its file and the network. */
export type PreprocessingStep =
  /** Repeats a grey image on three channels; an image of three channels stays as it is. */
  | { readonly kind: "rgb" }
  /** Makes three channels one (ITU-R BT.601); an image of one channel stays as it is. */
  | { readonly kind: "grey" }
  /** (x − min) / (max − min) over the whole image, in float32, as in ClinicaDL's training. */
  | { readonly kind: "min-max" }
  /**
   * (x − mean) / std over the whole image, all channels and all voxels, zeros too, with the population's standard
   * deviation: MONAI's `NormalizeIntensity()` with its defaults `nonzero=False, channel_wise=False`.
   */
  | { readonly kind: "z-score" }
  /** x · factor. */
  | { readonly kind: "scale"; readonly factor: number }
  /** x − mean, one number for all channels or one for each. */
  | { readonly kind: "mean"; readonly values: Numbers }
  /** x / std, one number above 0 for all channels or one for each. */
  | { readonly kind: "std"; readonly values: Numbers }
  /** Linear interpolation to these lengths, in voxels: one for all spatial axes, or one for each. */
  | { readonly kind: "resize"; readonly lengths: Numbers };

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
