import { decodeText, errorAt, type FileSource, isObject, VoxplainError } from "@voxplain/core";
import * as v from "valibot";
import { parsePythonJson } from "./python-json.ts";

/** A file of options takes a few kB. */
const largestFile = 2 ** 24;

/** The keys of a file of options, each with what it may hold. */
type Entries = Readonly<Record<string, v.GenericSchema>>;

/**
 * The text of a file of options in JSON; undefined where there is none.
 * @throws VoxplainError `invalid-file` where it is far too large for one.
 */
export async function readOptionsFile(source: FileSource, path: string): Promise<string | undefined> {
  const reader = await source.open(path);
  if (reader === undefined) return undefined;
  if (reader.byteLength > largestFile) {
    throw new VoxplainError("invalid-file", "it is not a file of options", {
      file: `${source.name}/${path}`,
      expected: "some kilobytes",
      found: `${reader.byteLength} bytes`,
    });
  }
  return decodeText(await reader.read(0, reader.byteLength));
}

/** @throws VoxplainError `invalid-file` where the text is not a JSON object as Python writes it. */
export function parseOptions(json: string, file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parsePythonJson(json.replace(/^\uFEFF/, ""));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VoxplainError("invalid-file", `it is not valid JSON: ${reason}`, { file, cause: error });
  }
  if (!isObject(value))
    throw new VoxplainError("invalid-file", "it is not a JSON object of options", { file });
  return value;
}

/**
 * The options that matter; keys that the schema lacks are left out.
 * @throws VoxplainError `invalid-file` naming each key that cannot be understood, what was found and what is allowed.
 */
export function checkOptions<E extends v.ObjectEntries>(
  schema: v.ObjectSchema<E, undefined>,
  values: Readonly<Record<string, unknown>>,
  file: string,
): v.InferOutput<v.ObjectSchema<E, undefined>> {
  const parsed = v.safeParse(schema, values);
  if (parsed.success) return parsed.output;
  throw severalProblems(
    parsed.issues.map((issue) => keyError(issue, schema.entries as Entries)),
    file,
  );
}

/** One error for all keys that are wrong. @param problems - At least one. */
export function severalProblems(problems: readonly VoxplainError[], file: string): VoxplainError {
  const [first, ...others] = problems;
  if (first !== undefined && others.length === 0) return errorAt(first, { file });
  return new VoxplainError("invalid-file", problems.map(({ message }) => message).join("; "), {
    file,
    problems: problems.map((problem) => errorAt(problem, { file })),
  });
}

function keyError(issue: v.BaseIssue<unknown>, entries: Entries): VoxplainError {
  const path = v.getDotPath(issue) ?? "";
  const allowed = issue.message.startsWith("Invalid key") ? issue.expected : issue.message;
  if (issue.input === undefined) {
    return new VoxplainError("invalid-file", `"${path}" is missing`, {
      expected: allowedOf(path, entries, allowed),
    });
  }
  const isNumber = typeof issue.input === "number";
  const found = isNumber ? String(issue.input) : (JSON.stringify(issue.input) ?? String(issue.input));
  return new VoxplainError("invalid-file", `invalid value of "${path}"`, {
    expected: allowed ?? "another value",
    found: found.length > 80 ? `${found.slice(0, 80)}…` : found,
  });
}

/** A missing key is reported without its schema's own words. */
function allowedOf(key: string, entries: Entries, fallback: string | null): string {
  const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
  const message = entry && "message" in entry ? entry.message : undefined;
  return typeof message === "string" ? message : (fallback ?? "there");
}
