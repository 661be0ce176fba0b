import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { VoxplainError } from "@voxplain/core";
import { recoverResult } from "@voxplain/core/node";
import { checkTaskName, sessionsFolder } from "@voxplain/results";
import type { RecordedTask } from "./recorded-task.ts";

/** Which job is looked for. */
export interface KeptQuery {
  /** Model folder or ONNX file: results are there, unless `output_dir` says otherwise. */
  readonly model_path: string;
  readonly name: string;
  readonly output_dir?: string;
  /** Where the name is that of two jobs. */
  readonly job?: RecordedTask["command"];
}

/** Where a task of a job writes, and where its sessions are. */
export interface KeptResult {
  readonly outputPath: string;
  readonly sessions: string;
  readonly command: RecordedTask["command"];
}

const kinds = { interpret: "gradients", predict: "predictions" } as const;

/**
 * The tasks of a job that are there, finished or not.
 * @throws VoxplainError `not-found` where there is none; `invalid-argument` where the name is that of two jobs.
 */
export function keptResults({ model_path, name, output_dir, job }: KeptQuery): readonly KeptResult[] {
  checkTaskName(name);
  const isFile = statSync(model_path, { throwIfNoEntry: false })?.isFile();
  const root = resolve(output_dir ?? (isFile ? dirname(model_path) : model_path));
  const folders = [
    root,
    ...namesIn(root)
      .filter((one) => /^(fold|split)-\d+$/.test(one))
      .map((one) => join(root, one)),
  ];
  const found = (Object.keys(kinds) as RecordedTask["command"][])
    .filter((command) => job === undefined || command === job)
    .flatMap((command) =>
      folders.flatMap((folder) => {
        const kind = join(folder, kinds[command]);
        // An ONNX file has no selection.
        return [kind, ...namesIn(kind).map((one) => join(kind, one))]
          .map((parent) => join(parent, name))
          .map((outputPath) => ({ outputPath, sessions: sessionsFolder(outputPath), command }))
          .filter(({ outputPath, sessions }) => isResult(outputPath) || existsSync(sessions));
      }),
    );
  if (new Set(found.map(({ command }) => command)).size > 1) {
    throw new VoxplainError("invalid-argument", `there is a job "${name}" of interpret and one of predict`, {
      file: root,
      hint: "say which one is meant (--job interpret or --job predict)",
    });
  }
  if (found.length === 0) {
    throw new VoxplainError("not-found", `there is no job "${name}", finished or not`, {
      file: root,
      hint: "results are looked for in the model folder, or in that of --output_dir",
    });
  }
  return found;
}

/** Whether a result is complete. */
export function isResult(path: string): boolean {
  recoverResult(path);
  return existsSync(join(path, "commandline.json"));
}

function namesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
