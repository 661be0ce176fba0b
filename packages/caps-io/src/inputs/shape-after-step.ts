import { VoxplainError } from "@voxplain/core";
import { noConversion } from "./channels.ts";
import { type PreprocessingStep, stepText } from "./preprocessing-steps.ts";

/**
 * The shape of an image behind a step.
 * @param dims - [C, X, Y, Z] or [C, H, W] before it.
 * @param name - For messages.
 * @throws VoxplainError `invalid-argument` for another number of values than the image has channels or axes, `mismatch` for
 * a change of colours that the image does not allow.
 */
export function shapeAfterStep(
  dims: readonly number[],
  step: PreprocessingStep,
  name: string,
): readonly number[] {
  const [channels = 1, ...spatial] = dims;
  const misfit = (given: number, noun: string, count: number) =>
    new VoxplainError("invalid-argument", `the preprocessing step ${stepText(step)} does not fit the image`, {
      file: name,
      expected: `one number, or one for each of its ${count} ${noun}`,
      found: `${given} numbers`,
    });
  switch (step.kind) {
    case "rgb":
    case "grey":
      if (channels !== 1 && channels !== 3) throw noConversion(name, dims, step.kind);
      return [step.kind === "rgb" ? 3 : 1, ...spatial];
    case "mean":
    case "std":
      if (step.values.length !== 1 && step.values.length !== channels)
        throw misfit(step.values.length, "channels", channels);
      return dims;
    case "resize":
      if (step.lengths.length !== 1 && step.lengths.length !== spatial.length)
        throw misfit(step.lengths.length, "axes", spatial.length);
      return [channels, ...lengthsAfter(spatial, step.lengths)];
    default:
      return dims;
  }
}

/** The spatial axes behind a resize: one length stands for all of them. */
export function lengthsAfter(spatial: readonly number[], lengths: readonly number[]): readonly number[] {
  return spatial.map((length, axis) => lengths[axis % lengths.length] ?? length);
}
