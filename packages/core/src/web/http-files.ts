import { VoxplainError } from "../errors.ts";
import {
  bytesReader,
  checkRange,
  type FilePath,
  type FileSource,
  joinPath,
  type RangeReader,
} from "../files.ts";
import { fileTree } from "./file-tree.ts";

/** Read with the first request; most files are not longer. */
const firstBytes = 2 ** 18;

/**
 * Files below a URL, read by ranges where the server knows them, else as a whole. A web server does not
 * tell what its folders hold: `paths` names the files that there are.
 * @throws VoxplainError `io-failure` where the server or the network refuses.
 */
export function httpFiles(base: string | URL, paths: Iterable<FilePath>): FileSource {
  const root = new URL(base, globalThis.document?.baseURI);
  const folder = root.pathname.endsWith("/") ? root : new URL(`${root.href}/`);
  return fileTree(folder.href.replace(/\/$/, ""), paths, (path) => {
    const encoded = joinPath(path).split("/").map(encodeURIComponent).join("/");
    return openUrl(new URL(encoded, folder).href);
  });
}

async function openUrl(url: string): Promise<RangeReader | undefined> {
  const response = await request(url, 0, firstBytes);
  if (response.status === 404) return undefined;
  if (response.status === 416) return bytesReader(new Uint8Array());
  const start = await bytesOf(url, response);
  const total = Number(/\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "")?.[1]);
  // Status 200: the server sent all of it. A server that compresses counts other bytes.
  if (response.status === 200 || !(total > start.byteLength)) return bytesReader(start);
  return {
    byteLength: total,
    async read(offset, length) {
      checkRange(offset, length, total);
      if (offset + length <= start.byteLength) return start.subarray(offset, offset + length);
      const part = await request(url, offset, length);
      const bytes = await bytesOf(url, part);
      if (part.status === 206 && bytes.byteLength === length) return bytes;
      if (part.status === 200) return bytes.subarray(offset, offset + length);
      throw new VoxplainError("io-failure", `cannot read ${url}: it changed while it was read`);
    },
  };
}

async function request(url: string, offset: number, length: number): Promise<Response> {
  const headers = { Range: `bytes=${offset}-${offset + length - 1}` };
  const response = await fetch(url, { headers }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VoxplainError("io-failure", `cannot read ${url}: ${reason}`, { cause });
  });
  if (response.ok || response.status === 404 || response.status === 416) return response;
  throw new VoxplainError("io-failure", `cannot read ${url}: the server answers ${response.status}`);
}

async function bytesOf(url: string, response: Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new VoxplainError("io-failure", `cannot read ${url}: the connection broke off`, { cause });
  }
}
