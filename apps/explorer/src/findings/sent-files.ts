import { blobReader, type FilePath, type FileSource, joinPath, readFile } from "@voxplain/core";

/** Files on their way to a worker; the browser keeps large ones on its disk. */
export interface SentFiles {
  readonly name: string;
  readonly files: ReadonlyMap<FilePath, Blob>;
}

/** One of some files. */
export interface SentFile {
  readonly from: SentFiles;
  readonly below: FilePath;
}

/** A file as it can be sent. @throws VoxplainError `not-found`. */
export async function sentFile(source: FileSource, below: FilePath): Promise<SentFile> {
  const bytes = await readFile(source, below);
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>]);
  return { from: { name: source.name, files: new Map([[below, blob]]) }, below };
}

/** The files where they have arrived. They are not listed: whoever reads them knows their names. */
export function receivedFiles({ name, files }: SentFiles): FileSource {
  return {
    name,
    list: async () => undefined,
    async open(path) {
      const blob = files.get(joinPath(path));
      return blob && blobReader(blob);
    },
  };
}

export function receivedFile({ from, below }: SentFile) {
  return { source: receivedFiles(from), below };
}
