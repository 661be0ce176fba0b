import { type FileSource, memoryFiles, VoxplainError } from "@voxplain/core";
import { httpFiles } from "@voxplain/core/web";
import { fileNameIn } from "../page/linked-files.ts";

/** A file by its address, as files that can be opened. @throws VoxplainError `not-found` or `io-failure` naming it. */
export async function fileAtUrl(address: string, page: Document, signal: AbortSignal): Promise<FileSource> {
  const url = new URL(address, page.baseURI);
  const name = fileNameIn(url);
  const bytes = new Uint8Array(await (await fetched(url, signal)).arrayBuffer());
  return memoryFiles(new Map([[name, bytes]]), name);
}

/** A model folder by its address, whose `files.json` lists the paths below it: servers of files do not list folders. */
export async function folderAtUrl(address: string, page: Document, signal: AbortSignal): Promise<FileSource> {
  const folder = new URL(address, page.baseURI);
  const list = new URL("files.json", folder);
  const paths: unknown = await (await fetched(list, signal)).json();
  if (Array.isArray(paths)) return httpFiles(folder, paths.map(String));
  throw new VoxplainError("invalid-file", "the list of the files of the model is damaged", {
    file: list.href,
    expected: "an array of paths below the folder",
  });
}

async function fetched(url: URL, signal: AbortSignal): Promise<Response> {
  const failed = (problem: string, cause?: unknown) =>
    new VoxplainError("io-failure", problem, { file: url.href, cause });
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw failed("it cannot be loaded; a server of another origin has to allow it (CORS)", cause);
  });
  if (response.status === 404)
    throw new VoxplainError("not-found", "there is no such file", { file: url.href });
  if (!response.ok) throw failed(`the server answers ${response.status}`);
  return response;
}
