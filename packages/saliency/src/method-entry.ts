import type { ChosenMethod, MethodNeeds } from "./chosen-method.ts";
import type { GivenOptions, MethodOptions, OptionKind } from "./method-options.ts";

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
