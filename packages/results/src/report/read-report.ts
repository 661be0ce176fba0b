import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Identifiers, ReportedResult } from "@voxplain/report";
import { anatomies } from "./anatomy.ts";
import { type OpenedResult, openResult } from "./open-result.ts";
import { readAgreement, readComparison, readLocalization, readRegions } from "./read-findings.ts";
import { readJob } from "./read-job.ts";
import type { ReadOptions } from "./read-options.ts";
import { tableIfThere } from "./stored-table.ts";

/** How results are read for a report. */
export interface ReportOptions {
  /** An image that is drawn below all maps. Default: the images that jobs recorded, else their templates. */
  readonly anatomy?: string | undefined;
  /** Called as maps are read, with the folder that they are in. */
  readonly onProgress?: (folder: string, done: number, total: number) => void;
}

/** Results, and who is named in them. */
export interface ReadResults {
  /** In the order in which they were given; tables of regions inside a job after the job. */
  readonly results: readonly ReportedResult[];
  /** In the order in which tables name them. */
  readonly identifiers: Identifiers;
}

/**
 * Reads folders of `interpret`, `predict`, `regions`, `compare`, `agreement` and `localize` for `reportHtml`, and draws their pictures.
 * The folder `regions` of a job is read with it.
 * @throws VoxplainError naming the folder or file that is missing or damaged, and what to do; before any map is read, where it can be known.
 */
export async function readResults(
  paths: readonly string[],
  options: ReportOptions = {},
): Promise<ReadResults> {
  const opened: OpenedResult[] = [];
  for (const path of paths) opened.push(...(await withRegions(await openResult(path))));
  const unique = opened.filter(({ path }, k) => opened.findIndex((other) => other.path === path) === k);
  const found = await anatomies(options.anatomy);
  const results: ReportedResult[] = [];
  const names = distinctNames(unique.map(({ path }) => path));
  for (const [k, one] of unique.entries()) {
    const onProgress = (done: number, total: number) => options.onProgress?.(one.path, done, total);
    const result = await readResult(one, { anatomies: found, onProgress });
    results.push({ ...result, name: names[k] ?? result.name });
  }
  return { results, identifiers: await identifiersIn(unique) };
}

async function withRegions(job: OpenedResult): Promise<OpenedResult[]> {
  const below = join(job.path, "regions");
  const has = job.record === "commandline.json" && existsSync(join(below, "regions.json"));
  return has ? [job, await openResult(below)] : [job];
}

function readResult(opened: OpenedResult, options: ReadOptions): Promise<ReportedResult> {
  switch (opened.record) {
    case "compare.json":
      return readComparison(opened, options);
    case "regions.json":
      return readRegions(opened, options);
    case "agreement.json":
      return readAgreement(opened);
    case "localize.json":
      return readLocalization(opened);
    case "commandline.json":
      return readJob(opened, options);
  }
}

/** The last part of each path; where two are the same, with the parts that only this one has: "AD (fold-0)". */
function distinctNames(paths: readonly string[]): string[] {
  return paths.map((path) => {
    const same = paths.filter((other) => other !== path && basename(other) === basename(path));
    if (same.length === 0) return basename(path);
    const parts = path.split(/[/\\]/);
    const others = same.map((other) => new Set(other.split(/[/\\]/)));
    const own = parts.filter((part) => others.some((other) => !other.has(part)));
    return own.length === 0 ? path : `${basename(path)} (${own.join("/")})`;
  });
}

/** Tables with a column of participants. */
const tablesOfPeople = [
  ...["data.tsv", "predictions.tsv", "errors.tsv", "participants.tsv", "regions.tsv"],
  ...["agreement.tsv", "localization.tsv"],
];

async function identifiersIn(opened: readonly OpenedResult[]): Promise<Identifiers> {
  const [participants, sessions] = [new Set<string>(), new Set<string>()];
  for (const { source } of opened) {
    for (const file of tablesOfPeople) {
      for (const row of (await tableIfThere(source, file))?.rows ?? []) {
        const { participant_id, session_id, sessions: several, image } = row;
        for (const id of [participant_id, image]) if (id && id !== "n/a") participants.add(id);
        for (const id of [session_id, ...(several ?? "").split(",")])
          if (id && id !== "n/a") sessions.add(id);
      }
    }
  }
  return { participants: [...participants], sessions: [...sessions] };
}
