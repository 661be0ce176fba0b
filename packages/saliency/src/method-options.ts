import type { Tensor } from "@voxplain/core";
import type { AttributionMethod } from "./attribution.ts";

/** Inputs to compare with, read one at a time: [...inputDims] each, preprocessed like the input. */
export interface Cohort {
  /** How many there are. */
  readonly length: number;
  /** One of them, [...inputDims]; from 0. */
  read(index: number): Promise<Tensor<"float32">>;
}

/** A whole number for each voxel of the input's spatial grid; 0 is the background. */
export type LabelVolume = Tensor<"int32" | "int16" | "uint16" | "uint8" | "float32">;

/** What the value of an option is, by its kind. */
interface OptionValues {
  /** Written as text. */
  readonly number: number;
  readonly integer: number;
  readonly boolean: boolean;
  readonly text: string;
  readonly choice: string;
  /** One number, or one for each spatial axis, separated by commas. */
  readonly numbers: readonly number[];
  /** Written as a path, which the caller reads. */
  readonly image: Tensor<"float32">;
  readonly labels: LabelVolume;
  readonly cohort: Cohort;
  /** Written as a method's name; the caller creates that method. */
  readonly method: AttributionMethod;
  /** Not written: the millimetres between voxels along each spatial axis, which the caller knows from the image. */
  readonly "voxel-size": readonly number[];
}

type OptionKind = keyof OptionValues;

/** An option of a method as data, from which a program makes its flags and its help. */
export interface MethodOption<K extends OptionKind = OptionKind> {
  /** What its value is. */
  readonly kind: K;
  /** One sentence without a full stop, with units and range. */
  readonly doc: string;
  /** Of the option that is not given; absent where the method does without. */
  readonly default?: K extends "method" ? string : OptionValues[K];
  /** Of kind `choice`. */
  readonly choices?: readonly string[];
  /** Of kind `choice`: other words that are accepted, with the choices that they stand for. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Nothing works without it. */
  readonly required?: true;
}

/** Options of a method by name, in camelCase. */
export type MethodOptions = Readonly<Record<string, MethodOption>>;
/** What any option can be. */
export type MethodOptionValue = OptionValues[OptionKind];

/** A method with its documentation as data. */
export interface MethodEntry {
  /** What the map shows, in one sentence. */
  readonly summary: string;
  /** Authors, year and arXiv number or DOI. */
  readonly paper: string;
  /** Whether it differentiates the network; of methods with an inner one, that decides. */
  readonly needsGradient: boolean;
  /** By their names in camelCase; in the order of the help. */
  readonly options: MethodOptions;
  /**
   * The method with these options; what is not given has its default.
   * @throws VoxplainError `invalid-argument` naming an option that does not exist, is missing, or has a value
   * of another kind or out of range.
   */
  create(values?: Readonly<Record<string, MethodOptionValue | undefined>>): AttributionMethod;
}

type ValueOf<O> = O extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : O extends { readonly kind: infer Kind extends OptionKind }
    ? OptionValues[Kind]
    : never;

/** The options as a method gets them: there where they are required or have a default. */
export type ValuesOf<O extends MethodOptions> = {
  readonly [Name in keyof O]: O[Name] extends { readonly kind: "method" }
    ? AttributionMethod | undefined
    : O[Name] extends { readonly required: true } | { readonly default: unknown }
      ? ValueOf<O[Name]>
      : ValueOf<O[Name]> | undefined;
};
