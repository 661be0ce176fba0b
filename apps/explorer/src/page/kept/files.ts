import { blobReader, type FilePath, type FileSource } from "@voxplain/core";
import { fileTree } from "@voxplain/core/web";

/** Files as a browser can keep them. */
export interface KeptFiles {
  readonly name: string;
  readonly files: readonly (readonly [path: FilePath, content: Blob])[];
}

/** More would fill the disk of a laptop by visiting a page. */
const mostBytes = 2 ** 29;
const mostFiles = 5000;

/** The files with their content; undefined where they are too many, or too large, to be kept. */
export async function keepableFiles(source: FileSource): Promise<KeptFiles | undefined> {
  const files: (readonly [FilePath, Blob])[] = [];
  let bytes = 0;
  const folders: FilePath[] = [""];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const { name, kind } of (await source.list(folder)) ?? []) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (kind === "directory") folders.push(path);
      if (kind !== "file") continue;
      const reader = await source.open(path);
      if (reader === undefined) continue;
      bytes += reader.byteLength;
      if (bytes > mostBytes || files.length >= mostFiles) return undefined;
      const { blob } = reader;
      const content =
        blob ?? new Blob([(await reader.read(0, reader.byteLength)) as Uint8Array<ArrayBuffer>]);
      files.push([path, content]);
    }
  }
  return { name: source.name, files };
}

export function filesFrom({ name, files }: KeptFiles): FileSource {
  const contents = new Map(files);
  return fileTree(name, contents.keys(), async (path) => {
    const content = contents.get(path);
    return content && blobReader(content);
  });
}
