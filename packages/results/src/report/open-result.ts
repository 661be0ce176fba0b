import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { readTableColumns } from "@voxplain/caps-io";
import { type FileSource, VoxplainError } from "@voxplain/core";
import { directory, recoverResult } from "@voxplain/core/node";

/** The folder of a result, and which command made it. */
export interface OpenedResult {
  /** Absolute. */
  readonly path: string;
  readonly source: FileSource;
  /** The file with its record. */
  readonly record: (typeof records)[number];
}

const records = [
  "compare.json",
  "regions.json",
  "agreement.json",
  "localize.json",
  "commandline.json",
] as const;

/** @throws VoxplainError naming the folder, with what to give instead. */
export async function openResult(text: string): Promise<OpenedResult> {
  const path = resolve(text);
  recoverResult(path);
  if (!existsSync(path)) {
    throw new VoxplainError("not-found", "there is no such folder", {
      file: path,
      hint: "an interrupted command leaves no result: run it again",
    });
  }
  const hint =
    "give the folder of a result of interpret, predict, regions, compare, agreement or localize, such as " +
    "my_model/fold-0/gradients/best_loss/AD";
  if (!statSync(path).isDirectory()) {
    throw new VoxplainError("invalid-argument", "it is not a folder", { file: path, hint });
  }
  const source = directory(path);
  for (const record of records) {
    if (record !== "commandline.json" && existsSync(resolve(path, record))) return { path, source, record };
  }
  // Model folders of ClinicaDL have a commandline.json as well.
  const has = (file: string) => existsSync(resolve(path, file));
  if (
    has("data.tsv") ||
    (await readTableColumns({ source, below: "predictions.tsv" }))?.includes("participant_id")
  ) {
    return { path, source, record: "commandline.json" };
  }
  if (has("provenance.json")) {
    throw new VoxplainError("invalid-argument", "it lists no sessions: results of explain have no report", {
      file: path,
      hint: "explain images of a cohort by interpret (--images for images in any folders)",
    });
  }
  throw new VoxplainError("not-found", "it is not a folder of results", { file: path, hint });
}
