import { imageEnding, isTable, noImageName, tableColumns } from "@voxplain/caps-io";
import { type FilePath, type FileSource, VoxplainError } from "@voxplain/core";

/** What files are, by their names and places; their content is looked at later. */
export interface RecognisedFiles {
  /** Folders with a commandline.json. */
  readonly modelFolders: readonly FilePath[];
  /** Files that end in .onnx. */
  readonly onnxFiles: readonly FilePath[];
  /** Folders with a folder `subjects`. */
  readonly capsFolders: readonly FilePath[];
  /** Tables with a column participant_id. */
  readonly labelLists: readonly FilePath[];
  /** Volumes, arrays, tensors and pictures that are in no CAPS. */
  readonly images: readonly FilePath[];
  /** Sentences. */
  readonly problems: readonly string[];
  /** Files that are none of these. */
  readonly others: readonly FilePath[];
}

/** A home folder that was dropped by mistake should end in a sentence, not in minutes of waiting. */
const mostEntries = 20_000;
const deepest = 12;

/**
 * Walks files that a person gave together, but not into model folders and CAPS, whose insides are known. Beside such a
 * folder only images at the top are taken for images: what is in folders are templates, atlases, results.
 */
export async function recogniseFiles(
  files: FileSource,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<RecognisedFiles> {
  const found = {
    modelFolders: [] as FilePath[],
    onnxFiles: [] as FilePath[],
    capsFolders: [] as FilePath[],
    labelLists: [] as FilePath[],
    images: [] as FilePath[],
    problems: [] as string[],
    others: [] as FilePath[],
  };
  const waiting: { readonly path: FilePath; readonly depth: number }[] = [{ path: "", depth: 0 }];
  let seen = 0;
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    signal?.throwIfAborted();
    const { path, depth } = folder;
    const entries = (await files.list(path)) ?? [];
    seen += entries.length;
    if (seen > mostEntries) {
      found.problems.push(
        `${files.name} holds more than ${mostEntries} files and folders, of which only the first were looked at: ` +
          "open the model folder, the CAPS or the images themselves",
      );
      break;
    }
    const names = new Map(entries.map(({ name, kind }) => [name, kind]));
    if (names.get("commandline.json") === "file") {
      found.modelFolders.push(path);
      continue;
    }
    const isCaps = names.get("subjects") === "directory";
    if (isCaps) found.capsFolders.push(path);
    for (const { name, kind } of entries) {
      const inside = path === "" ? name : `${path}/${name}`;
      if (kind === "directory") {
        const isPartOfCaps = isCaps && (name === "subjects" || name === "masks");
        if (!isPartOfCaps && !name.startsWith(".") && depth < deepest) {
          waiting.push({ path: inside, depth: depth + 1 });
        }
        continue;
      }
      if (name.startsWith(".")) continue;
      if (/\.onnx$/i.test(name)) found.onnxFiles.push(inside);
      else if (isTable(name) && (await isLabelList(files, inside))) found.labelLists.push(inside);
      else if (imageEnding(name) !== undefined) found.images.push(inside);
      else found.others.push(inside);
    }
  }
  const hasFolder = found.capsFolders.length + found.modelFolders.length > 0;
  return hasFolder ? { ...found, images: found.images.filter((path) => !path.includes("/")) } : found;
}

/** By its first line: a table of regions, say, is none. */
async function isLabelList(files: FileSource, path: FilePath): Promise<boolean> {
  const reader = await files.open(path);
  if (reader === undefined) return false;
  const start = await reader.read(0, Math.min(reader.byteLength, 4096));
  return tableColumns(start).includes("participant_id");
}

/** What a person reads of files of which nothing can be used. */
export function nothingRecognised(files: FileSource, others: readonly FilePath[]): VoxplainError {
  const wanted =
    "a ClinicaDL model folder (with commandline.json), an ONNX file, a CAPS folder (with subjects), " +
    "label lists (.tsv, .csv, .txt), or images (.nii, .nii.gz, .mgz, .npy, .pt, .png, .jpg)";
  if (others.length === 0) return new VoxplainError("not-found", `${files.name} is empty; open ${wanted}`);
  const half = others.find((path) => /\.(hdr|img)(\.gz)?$/i.test(path));
  if (half !== undefined) return new VoxplainError("unsupported", noImageName(half));
  const some = others.slice(0, 3).join(", ");
  const more = others.length > 3 ? ` and ${others.length - 3} more` : "";
  return new VoxplainError("unsupported", `${some}${more} cannot be opened here; open ${wanted}`);
}
