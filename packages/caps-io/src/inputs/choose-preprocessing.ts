import { type PreprocessingStep, stepText } from "./preprocessing-steps.ts";

/** The preprocessing that a model was trained with, as far as the model states it. */
export interface StatedPreprocessing {
  /** In their order; none where the network takes the values as they are stored. */
  readonly steps: readonly PreprocessingStep[];
  /** Where it is stated, for messages: "the metadata of network.onnx". */
  readonly source: string;
}

/** The preprocessing of the images of a run. */
export interface ChosenPreprocessing {
  /** In their order. */
  readonly steps: readonly PreprocessingStep[];
  /** Who chose them: the user or the model; "none" where neither did, and the network gets the stored values. */
  readonly origin: "user" | "model" | "none";
  /** A sentence for the user, where the choice is not simply the user's own. */
  readonly note?: string;
}

/**
 * The user's steps where there are any, else those that the model states, else none. Nothing is normalized unasked.
 * @param asked - An empty list asks for the stored values; undefined leaves the choice to the model.
 */
export function choosePreprocessing(
  asked: readonly PreprocessingStep[] | undefined,
  stated: StatedPreprocessing | undefined,
): ChosenPreprocessing {
  if (asked !== undefined) {
    const isOther = stated !== undefined && listed(stated.steps) !== listed(asked);
    if (!isOther) return { steps: asked, origin: "user" };
    return {
      steps: asked,
      origin: "user",
      note: `the preprocessing "${listed(asked)}" replaces "${listed(stated.steps)}", which ${stated.source} states`,
    };
  }
  if (stated !== undefined) {
    return {
      steps: stated.steps,
      origin: "model",
      note: `images are preprocessed as ${stated.source} states: ${listed(stated.steps)}`,
    };
  }
  return {
    steps: [],
    origin: "none",
    note:
      "neither the model nor the request names a preprocessing: the network gets the values as they are stored; " +
      "name the steps that were used in training, or none (--preprocess)",
  };
}

function listed(steps: readonly PreprocessingStep[]): string {
  return steps.length === 0 ? "none" : steps.map(stepText).join(" ");
}
