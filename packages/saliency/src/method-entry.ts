import type { AttributionMethod } from "./attribution.ts";
import type { GivenOptions, MethodOptions, OptionKind } from "./method-options.ts";
import type { Passes } from "./passes.ts";

/** Whether a method differentiates the network, or only runs it forwards, as any network can be run. */
export type MethodNeeds = "gradient" | "forward";

/** A method with all that programs, commands and documentation need to know about it. */
export interface MethodEntry<Name extends string = string, Options extends MethodOptions = MethodOptions> {
  /** The name in the table, in commands and in files: "grad-cam-plus-plus". */
  readonly name: Name;
  /** The name as papers write it: "Grad-CAM++". */
  readonly title: string;
  /** What the map shows, in one sentence without a full stop. */
  readonly summary: string;
  /** Authors, year and arXiv number or DOI. */
  readonly paper: string;
  /** For a method that takes another one: with that method's default. */
  readonly needs: MethodNeeds;
  /**
   * The channels of the map: those of the input, or one for all. For a method that takes another one: with that
   * method's default.
   */
  readonly channels: "input" | "one";
  /** Whether the map is the derivative of the logit, which a chain rule carries through preprocessing. */
  readonly isDerivative: boolean;
  /** By their names in camelCase; in the order of the help. */
  readonly options: Options;
  /** The kinds of its options: "cohort" where it compares with other images, "method" where it takes another one. */
  readonly takes: ReadonlySet<OptionKind>;
  /**
   * The method with these options; what is not given has its default.
   * @throws VoxplainError `invalid-argument` naming an option that does not exist, is missing, or has a value
   * of another kind or out of range.
   */
  create(...given: CreateArguments<Options>): ChosenMethod;
}

/** What `create` takes: the options, which can be left out where none is required. */
export type CreateArguments<Options extends MethodOptions> =
  Record<never, never> extends GivenOptions<Options>
    ? [options?: GivenOptions<Options>]
    : [options: GivenOptions<Options>];

/** A method whose options are settled. */
export interface ChosenMethod {
  /** Its name in the table. */
  readonly name: string;
  /** What makes the maps. */
  readonly compute: AttributionMethod;
  /** Its own need, or that of the method inside it. */
  readonly needs: MethodNeeds;
  /** The channels of its maps: those of the input, or one for all. */
  readonly channels: "input" | "one";
  /** Whether its maps are derivatives of the logit. */
  readonly isDerivative: boolean;
  /** Every option with its value, for records. */
  readonly options: OptionRecord;
  /** Where its random numbers begin; null where none are drawn. */
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
