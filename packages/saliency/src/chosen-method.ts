import type { AttributionMethod } from "./attribution.ts";
import type { Passes } from "./passes.ts";

/** Whether a method differentiates the network, or only runs it forwards, as any network can be run. */
export type MethodNeeds = "gradient" | "forward";

/** A method whose options are settled. */
export interface ChosenMethod {
  /** Its name in the table. */
  readonly name: string;
  /** What makes the maps. */
  readonly compute: AttributionMethod;
  /** Its own need, or that of the method inside it. */
  readonly needs: MethodNeeds;
  /**
   * The pass that it begins with, for programs that open the network while an image is read: a gradient at the input, or a
   * forward pass; absent where it begins with another one.
   */
  readonly begins?: MethodNeeds | undefined;
  /** The channels of its maps: those of the input, or one for all. */
  readonly channels: "input" | "one";
  /** Whether its maps are derivatives of the logit. */
  readonly isDerivative: boolean;
  /** Every option with its value, for records. */
  readonly options: OptionRecord;
  /** Random seed; null where no random numbers are drawn. */
  readonly seed: number | null;
  /**
   * How many times one input, or a variant of it, goes through the network for its map. A pass is one input: a batch
   * of four counts as four, whatever the chunks.
   * @param inputDims - [C, X, Y, Z] or [C, H, W].
   * @throws VoxplainError where the options do not fit an input of this shape, as `compute` would.
   */
  passes(inputDims: readonly number[]): Passes;
}

/** Options by their names in snake_case; null for one that is not given, or has no text. */
export interface OptionRecord {
  readonly [name: string]: string | number | boolean | readonly number[] | OptionRecord | null;
}
