import { isTable } from "@voxplain/caps-io";
import { isVoxplainError, withEscapes } from "@voxplain/core";
import { type ModelFolder, openModelFolder } from "@voxplain/model-loader";
import { modelAt, type Place } from "@voxplain/study/node";
import { printText } from "../print-lines.ts";
import { folderReport } from "./folder-report.ts";
import { folderText } from "./folder-text.ts";
import { inspectFolder } from "./model-folder.ts";
import { otherPath } from "./other-paths/other-path.ts";
import type { OtherPath } from "./other-paths/path-facts.ts";
import { type Row, tableText } from "./table-text.ts";

/** `voxplain inspect` of a path that is not an ONNX file: what a model folder holds, or what is there instead. */
export async function inspectPath(
  path: string,
  options: { readonly json: boolean; readonly weights_key?: string },
): Promise<void> {
  const opened = await openedPath(modelAt(path));
  if ("kind" in opened) {
    printText(options.json ? jsonText(otherReport(opened)) : otherText(opened));
    return;
  }
  const inspected = await inspectFolder(path, opened, options.weights_key);
  printText(options.json ? jsonText(folderReport(inspected)) : folderText(inspected));
}

/** The model folder at a path, or what is there instead. @throws VoxplainError as `openModelFolder` where it is nothing known. */
async function openedPath(place: Place): Promise<ModelFolder | OtherPath> {
  const table = isTable(place.below) ? await otherPath(place) : undefined;
  if (table !== undefined) return table;
  try {
    return await openModelFolder(place.source);
  } catch (error) {
    const other = isVoxplainError(error) ? await otherPath(place) : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

function jsonText(report: unknown): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

/** Titles become keys: "images of" is images_of. */
function otherReport({ kind, rows, notes = [], problems, commands }: OtherPath) {
  const facts = rows.map(([title, text]) => [title.replaceAll(" ", "_"), text]);
  return { kind, ...Object.fromEntries(facts), commands, notes, problems };
}

function otherText({ rows, notes = [], problems, commands }: OtherPath): string {
  const next = commands.map((command, k): Row => [k === 0 ? "what to run" : "", command]);
  const remarks = [
    ...notes.map((note) => `note: ${withEscapes(note)}\n`),
    ...problems.map((problem) => `problem: ${withEscapes(problem)}\n`),
  ];
  return tableText([...rows, ...next]) + remarks.join("");
}
