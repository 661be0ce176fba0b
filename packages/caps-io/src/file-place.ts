import type { FilePath, FileSource } from "@voxplain/core";

/** A file or folder: a source, and a path below it. */
export interface FilePlace {
  /** The folder or server that it is in. */
  readonly source: FileSource;
  /** The path of the file or folder below the source. */
  readonly below: FilePath;
}
