import { imageEnding, isTable, noImageName, readTableColumns } from "@voxplain/caps-io";
import {
  type FileEntry,
  type FilePath,
  type FileSource,
  isVoxplainError,
  VoxplainError,
} from "@voxplain/core";

/** What files are, by their names and places; their content is looked at later. */
export interface RecognizedFiles {
  /** Folders with a commandline.json, and MAPS folders, with a maps.json. */
  readonly modelFolders: readonly FilePath[];
  /** Files that end in .onnx. */
  readonly onnxFiles: readonly FilePath[];
  /** Folders with a folder `subjects`. */
  readonly capsFolders: readonly FilePath[];
  /** Folders with a dataset_description.json, or with participants.tsv and a folder of a participant: raw data and derivatives. */
  readonly bidsFolders: readonly FilePath[];
  /** Tables with a column participant_id. */
  readonly labelLists: readonly FilePath[];
  /** Tables with a column participant_id and one of the files of images. */
  readonly imageTables: readonly FilePath[];
  /** Volumes, arrays, tensors and pictures that are in no CAPS and no BIDS folder. */
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
 * Walks files that a person gave together, but not into model folders, CAPS and BIDS folders, whose insides are known. Beside
 * such a folder, and beside a table of images, only images at the top are taken for images: what is in folders are templates,
 * atlases, results, or what the table names.
 */
export async function recognizeFiles(
  files: FileSource,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<RecognizedFiles> {
  const found = {
    modelFolders: [] as FilePath[],
    onnxFiles: [] as FilePath[],
    capsFolders: [] as FilePath[],
    bidsFolders: [] as FilePath[],
    labelLists: [] as FilePath[],
    imageTables: [] as FilePath[],
    images: [] as FilePath[],
    problems: [] as string[],
    others: [] as FilePath[],
  };
  const waiting: { readonly path: FilePath; readonly depth: number }[] = [{ path: "", depth: 0 }];
  let seen = 0;
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    signal?.throwIfAborted();
    const { path, depth } = folder;
    const entries = await entriesOf(files, path, found.problems);
    seen += entries.length;
    if (seen > mostEntries) {
      found.problems.push(
        `${files.name} holds more than ${mostEntries} files and folders, of which only the first were looked at: ` +
          "open the model folder, the CAPS or the images themselves",
      );
      break;
    }
    const names = new Map(entries.map(({ name, kind }) => [name, kind]));
    if (names.get("commandline.json") === "file" || names.get("maps.json") === "file") {
      found.modelFolders.push(path);
      continue;
    }
    // A CAPS has a dataset_description.json too.
    const isCaps = names.get("subjects") === "directory";
    if (isCaps) found.capsFolders.push(path);
    else if (isBids(names)) {
      found.bidsFolders.push(path);
      continue;
    }
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
      else if (isTable(name)) (await kindOfTable(files, inside, found)).push(inside);
      else if (imageEnding(name) !== undefined) found.images.push(inside);
      else found.others.push(inside);
    }
  }
  const { modelFolders, capsFolders, bidsFolders, imageTables } = found;
  const hasImages = [modelFolders, capsFolders, bidsFolders, imageTables].some(({ length }) => length > 0);
  return hasImages ? { ...found, images: found.images.filter((path) => !path.includes("/")) } : found;
}

function isBids(names: ReadonlyMap<string, FileEntry["kind"]>): boolean {
  if (names.get("dataset_description.json") === "file") return true;
  const hasParticipant = [...names].some(([name, kind]) => kind === "directory" && name.startsWith("sub-"));
  return hasParticipant && names.get("participants.tsv") === "file";
}

/** By its first line: a table of regions, say, is no list of sessions. */
async function kindOfTable<Paths>(
  files: FileSource,
  path: FilePath,
  found: Readonly<Record<"imageTables" | "labelLists" | "others", Paths>>,
): Promise<Paths> {
  const read = await readTableColumns({ source: files, below: path });
  const columns = (read ?? []).map((column) => column.toLowerCase());
  if (!columns.includes("participant_id")) return found.others;
  return columns.includes("image") || columns.includes("path") ? found.imageTables : found.labelLists;
}

/** What a person reads of files of which nothing can be used. */
export function nothingRecognized(files: FileSource, others: readonly FilePath[]): VoxplainError {
  const wanted =
    "a ClinicaDL model folder (with maps.json or commandline.json), an ONNX file, a CAPS folder (with subjects), " +
    "a BIDS folder (with dataset_description.json), label lists or tables of images (.tsv, .csv, .txt), or images (.nii, .nii.gz, .mgz, .npy, .pt, .png, .jpg)";
  if (others.length === 0) return new VoxplainError("not-found", `${files.name} is empty; open ${wanted}`);
  const half = others.find((path) => /\.(hdr|img)(\.gz)?$/i.test(path));
  if (half !== undefined) return new VoxplainError("unsupported", noImageName(half));
  const some = others.slice(0, 3).join(", ");
  const more = others.length > 3 ? ` and ${others.length - 3} more` : "";
  return new VoxplainError("unsupported", `${some}${more} cannot be opened here; open ${wanted}`);
}

/** A folder that may not be read is named, and the others are looked at. */
async function entriesOf(
  files: FileSource,
  path: FilePath,
  problems: string[],
): Promise<readonly FileEntry[]> {
  try {
    return (await files.list(path)) ?? [];
  } catch (error) {
    if (!isVoxplainError(error, "io-failure")) throw error;
    problems.push(error.message);
    return [];
  }
}
