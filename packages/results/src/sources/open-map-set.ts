import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { readTemplate } from "@voxplain/caps-io";
import { fileAt } from "@voxplain/study/node";
import { type MapSet, mapSetOf } from "./map-set.ts";
import type { MapSource } from "./map-source.ts";
import { openMapSource, type SourceOptions } from "./open-source.ts";

/** How maps are opened. */
export interface OpenMapSetOptions extends SourceOptions {
  /** The path of an image whose affine the maps get. */
  readonly template?: string | undefined;
}

/**
 * Opens sources of maps on this machine, and compares the grids of all of them from their headers, as `mapSetOf` does.
 * @throws VoxplainError as `openMapSource` and `mapSetOf`.
 */
export async function openMapSet(
  texts: readonly string[],
  { template: path, ...options }: OpenMapSetOptions = {},
): Promise<MapSet> {
  const sources: MapSource[] = [];
  for (const text of texts) sources.push(await openMapSource(text, options));
  if (path === undefined) return mapSetOf(sources, { unpack });
  const { source, below } = fileAt(path, "nifti_template_path");
  return mapSetOf(sources, { unpack, template: await readTemplate(source, below) });
}

/** Limit for an unpacked file: more than any volume that is read has. */
const mostBytes = 2 ** 32 - 1;

/** In the thread pool. What zlib refuses is refused later, in a sentence. */
async function unpack(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return promisify(gunzip)(bytes, { maxOutputLength: mostBytes }).catch(() => bytes);
}
