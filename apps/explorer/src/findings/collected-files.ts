import { gzipInBrowser } from "@voxplain/core/web";
import type { Grid } from "@voxplain/group-analysis";
import { type FindingFiles, findingFiles } from "@voxplain/results/findings";
import type { FoundTable } from "./protocol.ts";

/** The files of a finding, kept instead of written. */
export interface CollectedFiles extends FindingFiles {
  readonly tables: readonly FoundTable[];
  readonly images: ReadonlyMap<string, Blob>;
}

/** @param set - The grid of the maps. */
export function collectedFiles(set: { readonly grid: Grid; readonly isPlaced: boolean }): CollectedFiles {
  const written = new Map<string, Uint8Array>();
  const tables: FoundTable[] = [];
  const images = new Map<string, Blob>();
  const sink = {
    name: "findings",
    async write(path: string, content: Uint8Array | AsyncIterable<Uint8Array>) {
      if (!(content instanceof Uint8Array)) throw new RangeError("findings are written as a whole");
      if (path.endsWith(".tsv")) written.set(path, content);
      else images.set(path, new Blob([content as Uint8Array<ArrayBuffer>]));
    },
  };
  const files = findingFiles(sink, set, gzipInBrowser);
  return {
    tables,
    images,
    image: files.image,
    async table(name, columns, rows) {
      const all: FoundTable["rows"][number][] = [];
      for await (const row of rows) all.push(row);
      await files.table(name, columns, all);
      tables.push({
        name,
        columns,
        rows: all,
        count: all.length,
        bytes: written.get(name) ?? new Uint8Array(),
      });
    },
  };
}
