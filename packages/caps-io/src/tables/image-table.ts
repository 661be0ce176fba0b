import { errorAt, isVoxplainError, VoxplainError } from "@voxplain/core";
import type { FilePlace } from "../file-place.ts";
import type { SessionFailure } from "../parts/image-input.ts";
import { ahead } from "../read-ahead.ts";
import { findImageFile } from "./find-image-file.ts";
import { withKnownColumns } from "./image-columns.ts";
import type { ImageList, ListedImage } from "./image-list.ts";
import { type ImageRow, imageRows } from "./image-rows.ts";
import { besideTable, isPathOfWindows } from "./open-beside.ts";
import { readTableFile } from "./read-table.ts";
import { usedOnce } from "./repeated-rows.ts";
import { sharedFiles } from "./shared-files.ts";

/** How a table of images is read. */
export interface ImageTableOptions {
  /** The column of the labels; it has to be there. Default: "diagnosis", which may be missing. */
  readonly label?: string | undefined;
  /**
   * The file that a path in the table names; it need not be there. Paths come with "/", also those of Windows. Throws a VoxplainError where it cannot be found out.
   * Default: a file of the source of the table, relative to the table.
   */
  readonly open?: ((path: string) => FilePlace | Promise<FilePlace>) | undefined;
}

/** Files that are looked for at once. */
const concurrent = 64;

/**
 * Reads a table of images: a row for each session, with the columns `participant_id` and `image` (or `path`), and any of
 * `session_id`, `cohort` and that of the labels. The table is UTF-8 or UTF-16, separated by tabs, semicolons or commas.
 * @returns Images in the order of the table; what is wrong with the file of one session is among the `failures`, two
 * images of one session among the `problems`.
 * @throws VoxplainError `invalid-file` or `not-found` naming the file, the line and the columns; `invalid-argument` for a
 * missing label column.
 */
export async function readImageTable(
  place: FilePlace,
  { label, open = besideTable(place) }: ImageTableOptions = {},
): Promise<ImageList> {
  const file = `${place.source.name}/${place.below}`;
  const table = withKnownColumns(await readTableFile(place), label, file);
  const listed = imageRows(table, label ?? "diagnosis", file);
  const { rows, problems, notes } = usedOnce(listed.rows, file);
  const images: ListedImage[] = [];
  const failures: SessionFailure[] = [];
  for await (const found of ahead(rows, (row) => locate(row, file, open), concurrent)) {
    if ("error" in found) failures.push(found);
    else images.push(found);
  }
  return {
    columns: table.columns,
    images,
    failures,
    problems: [...listed.problems, ...problems],
    notes: [...notes, ...sharedFiles(images)],
  };
}

async function locate(
  { session, line, path }: ImageRow,
  table: string,
  open: NonNullable<ImageTableOptions["open"]>,
): Promise<ListedImage | SessionFailure> {
  if (path === "") {
    const file = `${table}, line ${line}`;
    const error = new VoxplainError("invalid-file", "no image is given", { session: session.name, file });
    return { session, error };
  }
  try {
    const found = await findImageFile(session, await open(path));
    return "error" in found ? { session, error: errorAt(found.error, { hint: hintOf(path) }) } : found;
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { session, error: errorAt(error, { session: session.name, hint: hintOf(path) }) };
  }
}

/** What people write in tables that is not a path here. */
function hintOf(path: string): string | undefined {
  if (isPathOfWindows(path))
    return "it is a path of Windows; on another system, write the path that the file has there";
  if (path.startsWith("~")) return 'write the path of the home folder in place of "~"';
  return /^[a-z]+:\/\//i.test(path) ? "write a path, not an address" : undefined;
}
