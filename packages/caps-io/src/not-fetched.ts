import { type RangeReader, VoxplainError } from "@voxplain/core";
import type { FilePlace } from "./file-place.ts";

/** Pointer files of git-annex have up to 32 KiB, those of Git LFS less; images are longer. */
const longestPointer = 32 * 1024;
const readOfPointer = 200;

/**
 * Whether a file of a dataset under version control is there in name only: a link of git-annex without its content,
 * that link as a text file (as Git writes it where there are no links), or a pointer file of git-annex or Git LFS.
 * @returns The error that says so and how to get the content; undefined for any other file, and for none.
 */
export async function notFetched({ source, below }: FilePlace): Promise<VoxplainError | undefined> {
  const reader = await source.open(below);
  if (reader === undefined) {
    const target = await source.linkTarget?.(below);
    return target !== undefined && isAnnexPath(target) ? errorOf("git-annex", { source, below }) : undefined;
  }
  return pointerIn({ source, below }, reader);
}

/** As `notFetched`, of a file that is open. */
export async function pointerIn(place: FilePlace, reader: RangeReader): Promise<VoxplainError | undefined> {
  if (reader.byteLength > longestPointer) return undefined;
  return pointerFile(place, await reader.read(0, Math.min(reader.byteLength, readOfPointer)));
}

/**
 * As `notFetched`, of a file that was read.
 * @param bytes - All of the file, or at least its first 200 bytes.
 */
export function pointerFile({ source, below }: FilePlace, bytes: Uint8Array): VoxplainError | undefined {
  if (bytes.byteLength > longestPointer) return undefined;
  const start = bytes.subarray(0, readOfPointer);
  const [line = ""] = new TextDecoder("latin1").decode(start).split(/[\r\n\0\t]/, 1);
  if (line.startsWith("version https://git-lfs.github.com/spec/"))
    return errorOf("Git LFS", { source, below });
  return isAnnexPath(line) ? errorOf("git-annex", { source, below }) : undefined;
}

/** Links lead to `.git/annex/objects/`, of submodules to `.git/modules/…/annex/objects/`; pointers name `/annex/objects/`. */
function isAnnexPath(text: string): boolean {
  return /^\/annex\/objects\/|(^|\/)\.git\/(.*\/)?annex\/objects\//.test(text.replaceAll("\\", "/"));
}

function errorOf(program: "git-annex" | "Git LFS", { source, below }: FilePlace): VoxplainError {
  const get = `run "datalad get ${below}" in ${source.name}`;
  return new VoxplainError("not-found", `it is not fetched: ${program} has its content elsewhere`, {
    file: `${source.name}/${below}`,
    hint: program === "Git LFS" ? `${get}, or "git lfs pull"` : get,
  });
}
