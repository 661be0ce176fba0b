import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { VoxplainError } from "@voxplain/core";
import { refuseExisting } from "@voxplain/core/node";
import { sessionsFolder } from "@voxplain/results";
import { encodeJson } from "@voxplain/writers";
import { keptJobIn } from "./kept-task.ts";
import { isPublished } from "./published.ts";
import type { RecordedTask } from "./recorded-task.ts";

/** A result that is complete. */
interface FinishedResult {
  /** Sessions that were skipped. */
  readonly skipped: number;
}

/**
 * The result of a job that is resumed, where it is complete; undefined where sessions are to be computed: also while an older result
 * still has the name that they are to replace.
 * @throws VoxplainError `mismatch` naming the options that differ, where another job has the name; `already-exists` for an older
 * result that may not be replaced.
 */
export function finishedBefore(
  path: string,
  record: RecordedTask,
  { overwrite }: { readonly overwrite: boolean },
): FinishedResult | undefined {
  const folder = sessionsFolder(path);
  const unfinished = isPublished(folder) ? undefined : keptJobIn(folder);
  if (unfinished === undefined) return finishedResult(path, record);
  refuseExisting(path, overwrite || unfinished.task.options.overwrite === true);
  return undefined;
}

function finishedResult(path: string, { options }: RecordedTask): FinishedResult | undefined {
  const file = join(path, "commandline.json");
  if (!existsSync(file)) return undefined;
  const before = optionsIn(readFileSync(file, "utf8"));
  const now = optionsIn(new TextDecoder().decode(encodeJson(options)));
  const ignored = ["version", "overwrite", "verbose", "nproc", "output_dir", "model_path"];
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const changes = names.filter((name) => !ignored.includes(name) && text(before[name]) !== text(now[name]));
  if (changes.length > 0) {
    throw new VoxplainError("mismatch", "the result of another job has this name", {
      file: path,
      expected: changes.map((name) => `${name} ${text(now[name])}`).join(", "),
      found: changes.map((name) => `${name} ${text(before[name])}`).join(", "),
      hint: "choose another name, or replace it (--overwrite without --resume)",
    });
  }
  const errors = join(path, "errors.tsv");
  return {
    skipped: existsSync(errors) ? readFileSync(errors, "utf8").trimEnd().split("\n").length - 1 : 0,
  };
}

function optionsIn(json: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function text(value: unknown): string {
  return JSON.stringify(value ?? null);
}
