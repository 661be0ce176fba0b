import type { Tensor } from "@voxplain/core";
import type { ChosenMethod } from "./chosen-method.ts";

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
export interface OptionValues {
  /** Written as text. */
  readonly number: number;
  readonly integer: number;
  readonly boolean: boolean;
  readonly choice: string;
  /** The name of a layer of the network. */
  readonly layer: string;
  /** One number, or one for each spatial axis, separated by commas. */
  readonly numbers: readonly number[];
  /** Written as a path, which the caller reads. */
  readonly image: Tensor<"float32">;
  readonly labels: LabelVolume;
  readonly cohort: Cohort;
  /** Written as a method's name. */
  readonly method: ChosenMethod;
  /** Not written: the millimetres between voxels along each spatial axis, which the caller knows from the image. */
  readonly "voxel-size": readonly number[];
}

/** Kinds of options. */
export type OptionKind = keyof OptionValues;

/** An option of a method as data, from which a program makes its flags and its help. */
export interface MethodOption<K extends OptionKind = OptionKind> {
  /** What its value is. */
  readonly kind: K;
  /** One sentence without a full stop, with its range. */
  readonly doc: string;
  /** What its numbers are counted in. */
  readonly unit?: string;
  /** The value where none is given; absent where the method does without, or chooses by `otherwise`. */
  readonly default?: OptionValues[K];
  /** What the method takes where none is given and there is no `default`, in words: "half of the window". */
  readonly otherwise?: string;
  /** The values of kind `choice`. */
  readonly choices?: readonly string[];
  /** For kind `choice`: other words that are accepted, with the choices that they stand for. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Nothing works without it. */
  readonly required?: true;
}

/** Options of a method by name, in camelCase. */
export type MethodOptions = Readonly<Record<string, MethodOption>>;
/** What any option can be. */
export type MethodOptionValue = OptionValues[OptionKind];

type ValueOf<O> = O extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : O extends { readonly kind: infer Kind extends OptionKind }
    ? OptionValues[Kind]
    : never;

type AliasOf<O> = O extends { readonly aliases: infer Aliases } ? keyof Aliases : never;

type RequiredNames<O extends MethodOptions> = {
  [Name in keyof O]: O[Name] extends { readonly required: true } ? Name : never;
}[keyof O];

/** The options of a method as a program gives them: what is required, and any of the others. */
export type GivenOptions<O extends MethodOptions> = {
  readonly [Name in RequiredNames<O>]: ValueOf<O[Name]>;
} & {
  readonly [Name in Exclude<keyof O, RequiredNames<O>>]?: ValueOf<O[Name]> | AliasOf<O[Name]> | undefined;
};

/** The options as a method gets them: there where they are required or have a default. */
export type ValuesOf<O extends MethodOptions> = {
  readonly [Name in keyof O]: O[Name] extends { readonly required: true } | { readonly default: unknown }
    ? ValueOf<O[Name]>
    : ValueOf<O[Name]> | undefined;
};

/** A name in snake case: "chunk_size" for "chunkSize". */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The options that a user can write, by their names in snake_case. */
export function writtenOptions(options: MethodOptions): ReadonlyMap<string, MethodOption> {
  const written = Object.entries(options).filter(([, { kind }]) => kind !== "voxel-size");
  return new Map(written.map(([name, option]) => [snakeCase(name), option]));
}

/** The default of an option as a user writes it; undefined where it has none. */
export function defaultText({ default: value }: MethodOption): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.join(",");
  return "name" in value ? value.name : undefined;
}
