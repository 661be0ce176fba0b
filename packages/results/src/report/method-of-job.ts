import type { ReportedMethod } from "@voxplain/report";
import { type MethodEntry, methods } from "@voxplain/saliency";
import type { StoredObject } from "./stored-json.ts";

/** The method of a job with the options that were used; undefined where the record names none. */
export function methodOf(options: StoredObject): ReportedMethod | undefined {
  const name = options.text("method");
  if (name === undefined) return undefined;
  const entry = entryOf(name);
  const given = options.object("method_options");
  const inner = Object.values(given.all).flatMap((value) =>
    typeof value === "string" && entryOf(value) !== undefined ? [entryOf(value)] : [],
  )[0];
  return {
    title: entry?.title ?? name,
    summary: entry?.summary ?? "",
    paper: entry?.paper,
    inner: inner && { title: inner.title, paper: inner.paper },
    options: Object.entries(given.all).flatMap(([option, value]) =>
      value === null || value === undefined
        ? []
        : [{ name: option.replaceAll("_", " "), value: textOf(value) }],
    ),
  };
}

function entryOf(name: string): MethodEntry | undefined {
  const table: Readonly<Record<string, MethodEntry>> = methods;
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
