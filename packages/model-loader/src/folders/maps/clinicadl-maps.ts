import { type FilePath, joinPath } from "@voxplain/core";
import type { ModelFolder } from "../folder-content.ts";

/** A folder of maps that `clinicadl interpret` of 1.x wrote into a MAPS. */
export interface ClinicadlMaps {
  /** The folder of the fold. */
  readonly foldName: string;
  /** "best_loss", "best_BA". */
  readonly selection: string;
  /** The data group whose images were explained. */
  readonly group: string;
  /** As it was called on the command line. */
  readonly name: string;
  /** The folder, in the model folder. */
  readonly folder: FilePath;
  /** Files of maps in it, means and those of sessions. */
  readonly fileCount: number;
}

/** The results of ClinicaDL's own `interpret` in a MAPS, by fold and selection. They are never written to. */
export async function clinicadlMaps({
  source,
  folds,
  program,
}: Pick<ModelFolder, "source" | "folds" | "program">): Promise<readonly ClinicadlMaps[]> {
  if (program.format === "0.2") return [];
  const found: ClinicadlMaps[] = [];
  for (const { name: foldName } of folds) {
    for (const metric of await foldersIn(source, foldName, "best-")) {
      const best = joinPath(foldName, metric);
      for (const group of await foldersIn(source, best, "")) {
        for (const name of await foldersIn(source, joinPath(best, group), prefix)) {
          const folder = joinPath(best, group, name);
          const files = ((await source.list(folder)) ?? []).filter(({ name: file }) => isMap.test(file));
          const selection = metric.replace("-", "_");
          found.push({
            foldName,
            selection,
            group,
            name: name.slice(prefix.length),
            folder,
            fileCount: files.length,
          });
        }
      }
    }
  }
  return found;
}

const prefix = "interpret-";
const isMap = /_map\.(?:pt|nii\.gz)$/;

async function foldersIn(
  source: ModelFolder["source"],
  path: FilePath,
  start: string,
): Promise<readonly string[]> {
  const entries = (await source.list(path)) ?? [];
  return entries.flatMap(({ name, kind }) => (kind === "directory" && name.startsWith(start) ? [name] : []));
}
