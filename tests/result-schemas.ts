// Results against the JSON Schemas that `@voxplain/results` ships, one for each kind of JSON file and for the rows of each table.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { root } from "./workspace.ts";

const folder = join(root, "packages/results/schemas");

/** Names of the shipped schemas. */
export const schemaNames = readdirSync(folder).map((file) => file.replace(".schema.json", ""));

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strict: true, strictRequired: false });
const compiled = new Map<string, ValidateFunction>();

function validatorOf(name: string): ValidateFunction {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const validate = ajv.compile(readJson(join(folder, `${name}.schema.json`)) as object);
  compiled.set(name, validate);
  return validate;
}

/** What a schema finds wrong with data, a line each. */
export function problemsWith(name: string, data: unknown): string[] {
  const validate = validatorOf(name);
  if (validate(data)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${name}${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}

interface CheckedFile {
  readonly file: string;
  readonly schema: string;
  readonly problems: readonly string[];
}

/** Checks every JSON file and every row of every table of the results below a folder. */
export function checkResults(below: string): CheckedFile[] {
  const isResult = ["provenance.json", ...records].some((name) => existsSync(join(below, name)));
  return readdirSync(below, { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return checkResults(path);
    return isResult && entry.isFile() ? checkFile(path) : [];
  });
}

const records = ["regions.json", "agreement.json", "localize.json", "compare.json"];

function checkFile(path: string): CheckedFile[] {
  const name = basename(path);
  if (name.endsWith(".json")) {
    const stem = name.slice(0, -".json".length);
    const schema = stem !== "compare" && records.includes(name) ? "finding" : stem;
    return [{ file: path, schema, problems: problemsWith(schema, readJson(path)) }];
  }
  if (!name.endsWith(".tsv")) return [];
  const schema = schemaOfTable(path);
  const problems = rowsOf(path).flatMap((row) => problemsWith(schema, row));
  return [{ file: path, schema, problems }];
}

function schemaOfTable(path: string): string {
  const stem = basename(path, ".tsv");
  if (stem.endsWith("_predictions")) return "predictions";
  return stem === "regions" && existsSync(join(path, "../compare.json")) ? "compared_regions" : stem;
}

/** A row as the schemas describe it: text by column. */
function rowsOf(path: string): Record<string, string>[] {
  const [head = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const columns = head.split("\t");
  return lines.map((line) => {
    const cells = line.split("\t");
    return Object.fromEntries(columns.map((column, k) => [column, cells[k] ?? ""]));
  });
}
