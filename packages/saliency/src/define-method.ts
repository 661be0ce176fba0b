import { VoxplainError } from "@voxplain/core";
import type { AttributionMethod } from "./attribution.ts";
import type { ChosenMethod, MethodNeeds, OptionRecord } from "./chosen-method.ts";
import type { CreateArguments, MethodEntry } from "./method-entry.ts";
import {
  type MethodOption,
  type MethodOptions,
  type MethodOptionValue,
  snakeCase,
  type ValuesOf,
} from "./method-options.ts";
import { choiceOf, isOfKind, unknownOption } from "./option-value.ts";
import { exactly, type Passes } from "./passes.ts";

/** What a method says of itself. */
interface MethodRow<Name extends string, Options extends MethodOptions> {
  readonly name: Name;
  readonly title: string;
  readonly summary: string;
  readonly paper: string;
  /** Default: "gradient". */
  readonly needs?: MethodNeeds;
  /** Default: "forward" where it needs no more. */
  readonly begins?: MethodNeeds;
  /** Default: "input". */
  readonly channels?: "input" | "one";
  /** Default: false. */
  readonly isDerivative?: boolean;
  readonly options: Options;
  /** For one input [...inputDims]; default: exactly one. */
  readonly passes?: (values: ValuesOf<Options>, inputDims: readonly number[]) => Passes;
  readonly create: (values: ValuesOf<Options>) => AttributionMethod;
}

/** A row of the table of methods, whose functions get the options that it declares, checked and typed. */
export function defineMethod<const Name extends string, const Options extends MethodOptions>(
  row: MethodRow<Name, Options>,
): MethodEntry<Name, Options> {
  const { name, title, summary, paper, needs = "gradient", channels = "input", isDerivative = false } = row;
  const declared: MethodOptions = row.options;
  return {
    ...{ name, title, summary, paper, needs, channels, isDerivative, options: row.options },
    takes: new Set(Object.values(declared).map(({ kind }) => kind)),
    create: (...[options]: CreateArguments<Options>) => {
      const given: Readonly<Record<string, MethodOptionValue | undefined>> = options ?? {};
      for (const option of Object.keys(given)) {
        if (!Object.hasOwn(declared, option)) throw unknownOption(name, option, Object.keys(declared));
      }
      const complete: Record<string, MethodOptionValue | undefined> = {};
      for (const [option, row] of Object.entries(declared)) {
        complete[option] = completeValue(option, row, given[option]);
      }
      // Each value was checked against the kind that the option declares.
      const values = complete as ValuesOf<Options>;
      const inner = Object.values(complete).find(isMethod);
      return {
        ...{ name, isDerivative, compute: row.create(values), options: recordOf(complete) },
        needs: inner?.needs ?? needs,
        begins: inner ? inner.begins : (row.begins ?? (needs === "forward" ? needs : undefined)),
        channels: inner?.channels ?? channels,
        seed: typeof complete.seed === "number" ? complete.seed : null,
        passes: (inputDims) => row.passes?.(values, inputDims) ?? exactly(1),
      };
    },
  };
}

function completeValue(
  name: string,
  option: MethodOption,
  given: MethodOptionValue | undefined,
): MethodOptionValue | undefined {
  const value = given ?? option.default;
  if (value === undefined) {
    if (!option.required) return undefined;
    throw new VoxplainError("invalid-argument", `the option "${name}" is missing: ${option.doc}`);
  }
  if (isOfKind(option, value)) return choiceOf(option, value);
  const found =
    typeof value === "object" || typeof value === "function" ? typeof value : JSON.stringify(value);
  throw new VoxplainError("invalid-argument", `the option "${name}" has a value of another kind`, {
    expected: option.choices ? `one of ${option.choices.join(", ")}` : option.kind,
    found,
  });
}

function isMethod(value: MethodOptionValue | undefined): value is ChosenMethod {
  return typeof value === "object" && "compute" in value;
}

function recordOf(values: Readonly<Record<string, MethodOptionValue | undefined>>): OptionRecord {
  const rows = Object.entries(values).map(([name, value]) => [snakeCase(name), recorded(value)] as const);
  return Object.fromEntries(rows);
}

function recorded(value: MethodOptionValue | undefined): OptionRecord[string] {
  if (value === undefined) return null;
  if (typeof value !== "object" || isNumbers(value)) return value;
  return isMethod(value) ? { method: value.name, ...value.options } : null;
}

function isNumbers(value: MethodOptionValue): value is readonly number[] {
  return Array.isArray(value);
}
