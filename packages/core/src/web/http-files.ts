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
 * Files below a URL, read by ranges where the server supports them, else as a whole. `.gz` files are read as a
 * whole, and may arrive decompressed: many servers send them with `Content-Encoding: gzip`. A web server does not list its folders:
 * `paths` lists the files that exist.
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
  const start = await request(url, 0, firstBytes);
  if (start === undefined) return undefined;
  const { total, bytes: first } = start;
  if (total === undefined) return bytesReader(first);
  let whole: Uint8Array | undefined;
  return {
    byteLength: total,
    async read(offset, length) {
      checkRange(offset, length, total);
      if (offset + length <= first.byteLength) return first.subarray(offset, offset + length);
      if (whole !== undefined) return whole.subarray(offset, offset + length);
      const part = await request(url, offset, length);
      if (part?.total === total && part.bytes.byteLength === length) return part.bytes;
      if (part?.total !== undefined || part?.bytes.byteLength !== total) {
        throw new VoxplainError("io-failure", `cannot read ${url}: it changed while it was read`);
      }
      whole = part.bytes;
      return whole.subarray(offset, offset + length);
    },
  };
}

/** A range of a file; without `total` the bytes are the whole file. */
interface Part {
  readonly bytes: Uint8Array;
  readonly total?: number;
}

/**
 * The range, or the whole file where the server gives no range that can be read.
 * @returns undefined where there is no such file.
 */
async function request(url: string, offset: number, length: number): Promise<Part | undefined> {
  // Many hosts send .gz files with `Content-Encoding: gzip`: browsers decompress the answer, which fails for a range,
  // with an error in the console, while the whole file arrives decompressed. A page cannot choose `Accept-Encoding`.
  const range = url.endsWith(".gz") ? undefined : await readRange(url, offset, length);
  return range ?? readWhole(url);
}

/** undefined where the range cannot be had. */
async function readRange(url: string, offset: number, length: number): Promise<Part | undefined> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { Range: `bytes=${offset}-${offset + length - 1}` } });
  } catch {
    return undefined;
  }
  if (response.status === 416 && offset === 0) return { bytes: new Uint8Array() };
  if (response.status === 200) return { bytes: await bytesOf(url, response) };
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "");
  const encoding = response.headers.get("Content-Encoding") ?? "identity";
  if (response.status !== 206 || range === null || encoding !== "identity") {
    await response.body?.cancel();
    return undefined;
  }
  const [from, to, total] = range.slice(1).map(Number);
  const bytes = await bytesOf(url, response).catch(() => undefined);
  // Another length: it was decompressed, and the header that says so is hidden from pages of other hosts.
  if (bytes === undefined || from !== offset || to !== offset + bytes.byteLength - 1) return undefined;
  return total === bytes.byteLength ? { bytes } : { bytes, ...(total !== undefined && { total }) };
}

async function readWhole(url: string): Promise<Part | undefined> {
  const response = await fetch(url).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VoxplainError("io-failure", `cannot read ${url}: ${reason}`, { cause });
  });
  if (response.status === 404) return undefined;
  if (response.ok) return { bytes: await bytesOf(url, response) };
  throw new VoxplainError("io-failure", `cannot read ${url}: the server answers ${response.status}`);
}

async function bytesOf(url: string, response: Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new VoxplainError("io-failure", `cannot read ${url}: the connection broke off`, { cause });
  }
}
