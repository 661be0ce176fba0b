import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { VoxplainError } from "@voxplain/core";
import { cleanBeside, refuseExisting, writeFileAtomically } from "@voxplain/core/node";
import { type Report, reportHtml, withoutIdentifiers } from "@voxplain/report";
import { readResults } from "@voxplain/results";
import { citationLine } from "../command-line/cite.ts";
import { versionOf } from "../installed-packages.ts";
import { refuseNoRoom } from "../job/disk-use.ts";
import { refusePictureSpace } from "../limits.ts";
import { printLines } from "../print-lines.ts";
import { type Progress, progressOn } from "../progress.ts";

/** The options of `voxplain report`, under the names they have on the command line. */
export interface ReportArguments {
  readonly jobs: readonly string[];
  readonly output?: string;
  readonly overwrite: boolean;
  readonly no_identifiers: boolean;
  readonly no_fsync: boolean;
  readonly title?: string;
  readonly anatomy?: string;
  readonly verbose: boolean;
}

/** `voxplain report`: results as one HTML file. */
export async function report({ jobs, output, title, anatomy, ...options }: ReportArguments): Promise<0> {
  const path = outputPath(jobs, output);
  refusePictureSpace();
  refuseExisting(path, options.overwrite);
  refuseOtherPage(path);
  cleanBeside(path);
  const bars = barsOf();
  const { results, identifiers } = await readResults(jobs, { anatomy, onProgress: bars.update }).finally(
    bars.end,
  );
  const named: Report = {
    title: title ?? results.map(({ name }) => name).join(", "),
    made: new Date(),
    program: { name: "Voxplain", version: versionOf("cli"), citation: citationLine() },
    participants: "identified",
    withoutIdentifiers: "To number participants instead, add --no_identifiers to the command.",
    results,
  };
  const page = await reportHtml(options.no_identifiers ? withoutIdentifiers(named, identifiers) : named);
  const bytes = new TextEncoder().encode(page);
  refuseNoRoom(path, bytes.length);
  await writeFileAtomically(path, bytes, { fsync: !options.no_fsync });
  printLines(path);
  return 0;
}

/** @throws VoxplainError `invalid-argument` for a file of another kind, which might be a result. */
function outputPath(jobs: readonly string[], output: string | undefined): string {
  const [only, ...others] = jobs;
  const inJob = only !== undefined && others.length === 0 && existsSync(only) ? only : ".";
  const path = resolve(output ?? join(inJob, "report.html"));
  if (!/\.html?$/i.test(basename(path)) || (existsSync(path) && statSync(path).isDirectory())) {
    throw new VoxplainError("invalid-argument", "the report is an HTML file (--output)", {
      file: path,
      expected: "a name that ends in .html",
    });
  }
  if (!existsSync(dirname(path))) {
    throw new VoxplainError("not-found", "there is no folder for the report (--output)", {
      file: dirname(path),
    });
  }
  return path;
}

/** Bytes: Node reads no larger file at once. */
const largestPage = 2 ** 31;

/** Any other page is left alone. @throws VoxplainError `already-exists`. */
function refuseOtherPage(path: string): void {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined || info.size === 0) return;
  if (info.isFile() && info.size < largestPage && readFileSync(path).includes("Voxplain")) return;
  throw new VoxplainError("already-exists", "it is not an older report, and is not replaced", {
    file: path,
    hint: "choose another file (--output)",
  });
}

/** A bar for each folder whose maps are read. */
function barsOf() {
  let bar: Progress | undefined;
  let of: string | undefined;
  return {
    update(folder: string, done: number, total: number) {
      if (bar === undefined || of !== folder) {
        bar?.end();
        of = folder;
        bar = progressOn(process.stderr, `report: reading maps of ${basename(folder)}`, total, "map");
      }
      bar.update({ index: done, count: total, passes: 0, expected: undefined });
    },
    end: () => bar?.end(),
  };
}
