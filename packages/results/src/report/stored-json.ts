import { type FileSource, isObject, parseJson, readText, VoxplainError } from "@voxplain/core";

/** What a JSON file of a result holds, without trust in it. */
export interface StoredObject {
  /** Text; undefined where it is something else. */
  text(key: string): string | undefined;
  /** A number. */
  number(key: string): number | undefined;
  /** An object; empty where it is something else. */
  object(key: string): StoredObject;
  /** The objects of a list; empty where it is something else. */
  list(key: string): readonly StoredObject[];
  /** The texts of a list. */
  texts(key: string): readonly string[] | undefined;
  /** Everything, as it was parsed. */
  readonly all: Readonly<Record<string, unknown>>;
}

const incomplete = "the result is incomplete or damaged: run its command again (--overwrite)";

/** Reads a record that a result needs. @throws VoxplainError naming the file, which is missing or damaged. */
export async function storedJson(source: FileSource, file: string): Promise<StoredObject> {
  const path = `${source.name}/${file}`;
  if ((await source.open(file)) === undefined) {
    throw new VoxplainError("not-found", "the file is missing", { file: path, hint: incomplete });
  }
  try {
    return storedObject(parseJson(await readText(source, file)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new VoxplainError("invalid-file", "it is not JSON", { file: path, hint: incomplete, cause: error });
  }
}

function storedObject(value: unknown): StoredObject {
  const all = isObject(value) ? value : {};
  const items = (key: string) => (Array.isArray(all[key]) ? all[key] : undefined);
  return {
    all,
    text: (key) => (typeof all[key] === "string" ? all[key] : undefined),
    number: (key) => (typeof all[key] === "number" ? all[key] : undefined),
    object: (key) => storedObject(all[key]),
    list: (key) => (items(key) ?? []).map(storedObject),
    texts: (key) => items(key)?.map(String),
  };
}
