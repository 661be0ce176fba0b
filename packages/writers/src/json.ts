import { VoxplainError } from "@voxplain/core";
import { encodePieces } from "./text-pieces.ts";

const indent = "    ";
const deepest = 200;

/**
 * The bytes of a JSON file, laid out as Python's `json.dump(value, file, indent=4)` does (keys in their order,
 * ASCII only), with a newline at the end. −0 keeps its sign ("-0.0"). NaN and the infinities, which JSON
 * does not have, become null. Keys whose value is undefined are left out; dates become ISO 8601 text.
 * @throws VoxplainError `invalid-argument` naming the key whose value JSON cannot hold: a function, a cycle.
 */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${jsonText(value, [])}\n`);
}

/**
 * The same bytes in pieces, for an object with lists that are read while they are written: async iterables become arrays.
 * @throws VoxplainError as `encodeJson`.
 */
export function encodeJsonPieces(value: Readonly<Record<string, unknown>>): AsyncGenerator<Uint8Array> {
  return encodePieces(jsonTexts(value));
}

async function* jsonTexts(value: Readonly<Record<string, unknown>>): AsyncGenerator<string> {
  const margin = `\n${indent}`;
  let separator = "{";
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    yield `${separator}${margin}${quote(key)}: `;
    if (isAsyncIterable(item)) yield* listTexts(item, key);
    else yield jsonText(item, [key]);
    separator = ",";
  }
  yield separator === "{" ? "{}\n" : "\n}\n";
}

async function* listTexts(items: AsyncIterable<unknown>, key: string): AsyncGenerator<string> {
  const margin = `\n${indent}`;
  let count = 0;
  for await (const item of items) {
    yield `${count === 0 ? "[" : ","}${margin}${indent}${jsonText(item, [key, String(count)])}`;
    count++;
  }
  yield count === 0 ? "[]" : `${margin}]`;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function jsonText(value: unknown, path: readonly string[]): string {
  if (path.length > deepest) throw refusal("nests too deeply, or contains itself", path);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return spellNumber(value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Date) return quote(value.toISOString());
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as Iterable<unknown>, (item, n) => jsonText(item, [...path, String(n)]));
    return wrap("[", items, "]", path.length);
  }
  if (typeof value === "object") {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    const items = entries.map(([key, item]) => `${quote(key)}: ${jsonText(item, [...path, key])}`);
    return wrap("{", items, "}", path.length);
  }
  throw refusal(`is of type ${typeof value}, which JSON cannot hold`, path);
}

function wrap(open: string, items: readonly string[], close: string, depth: number): string {
  if (items.length === 0) return open + close;
  const margin = `\n${indent.repeat(depth)}`;
  return `${open}${items.map((item) => `${margin}${indent}${item}`).join(",")}${margin}${close}`;
}

function spellNumber(value: number): string {
  if (!Number.isFinite(value)) return "null";
  return Object.is(value, -0) ? "-0.0" : String(value);
}

function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function refusal(problem: string, path: readonly string[]): VoxplainError {
  const where = path.length > 8 ? [...path.slice(0, 8), "…"] : path;
  return new VoxplainError("invalid-argument", `the JSON value at "${where.join(".")}" ${problem}`);
}
