import { VoxplainError } from "@voxplain/core";
import { type BidsImage, fieldOf } from "./bids-image.ts";
import { entities, entityOf } from "./entities.ts";

/** What images must have: one value of the key, of several. */
export interface Criterion {
  /** The short name of an entity, or "suffix", "extension" or "datatype". */
  readonly key: string;
  /** Any of these; "" stands for images without the entity. */
  readonly values: readonly string[];
}

const otherKeys = ["suffix", "extension", "datatype"] as const;

/**
 * Filters as a user types them, "ses=M00": each key once, with all its values.
 * @throws VoxplainError `invalid-argument` for what is not key=value, and for an empty suffix or extension.
 */
export function parseFilters(texts: readonly string[]): readonly Criterion[] {
  const values = new Map<string, string[]>();
  for (const text of texts) {
    const equals = text.indexOf("=");
    if (equals < 1) {
      throw new VoxplainError("invalid-argument", "malformed filter of BIDS files (--bids_filter)", {
        expected: "key=value, such as suffix=T1w",
        found: JSON.stringify(text),
      });
    }
    const given = text.slice(0, equals).trim();
    const key = entityOf(given)?.key ?? given;
    const value = plainValue(key, text.slice(equals + 1).trim());
    if (value === "" && (key === "suffix" || key === "extension")) {
      throw new VoxplainError(
        "invalid-argument",
        "the filter has no value, and every image has one (--bids_filter)",
        {
          found: text,
        },
      );
    }
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return [...values].map(([key, all]) => ({ key, values: all }));
}

function isOtherKey(key: string): boolean {
  return otherKeys.some((other) => other === key);
}

/** Entities with or without their key in front, "ses-M00"; extensions with or without their dot. */
function plainValue(key: string, value: string): string {
  if (key === "extension") return value === "" || value.startsWith(".") ? value : `.${value}`;
  return !isOtherKey(key) && value.startsWith(`${key}-`) ? value.slice(key.length + 1) : value;
}

/**
 * Refuses keys that are neither of the standard nor in the name of an image.
 * @param used - Keys of entities in the names of the images.
 * @throws VoxplainError `invalid-argument` listing the known keys.
 */
export function checkKeys(criteria: readonly Criterion[], used: ReadonlySet<string>): void {
  const unknown = criteria
    .map(({ key }) => key)
    .filter((key) => !isOtherKey(key) && entityOf(key) === undefined && !used.has(key));
  if (unknown.length === 0) return;
  const known = entities.filter(({ key }) => used.has(key));
  const others = [...used].filter((key) => entityOf(key) === undefined).sort();
  const listed = [...known.map(({ key, name }) => (key === name ? key : `${key} (${name})`)), ...others];
  throw new VoxplainError(
    "invalid-argument",
    `unknown key of a filter of BIDS files: ${unknown.join(", ")} (--bids_filter)`,
    {
      expected: [...otherKeys, ...listed].join(", "),
    },
  );
}

/** Whether an image has one of the values of every key. */
export function isWanted(image: BidsImage, criteria: readonly Criterion[]): boolean {
  return criteria.every((criterion) => meets(image, criterion));
}

/** Whether an image has one of the values of a key. */
export function meets(image: BidsImage, { key, values }: Criterion): boolean {
  const value = fieldOf(image, key);
  const same = entityOf(key)?.isIndex ? sameIndex : (a: string, b: string) => a === b;
  return values.some((wanted) => same(wanted, value));
}

/** "1" is "01"; what is not a whole number has to be the same text. */
function sameIndex(a: string, b: string): boolean {
  return a === b || (/^\d+$/.test(a) && /^\d+$/.test(b) && withoutZeros(a) === withoutZeros(b));
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, "");
}

/** A filter as a user would type it: "space=MNI152NLin2009cSym desc=". */
export function filterText(criteria: readonly Criterion[]): string {
  return criteria.flatMap(({ key, values }) => values.map((value) => `${key}=${value}`)).join(" ");
}
