import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import { type Grid, type LabelImage, regionAtlas, type SessionRow } from "../src/index.ts";

interface StoredImage {
  readonly shape: [number, number, number];
  readonly affine: Grid["affine"];
  readonly data: string;
}

export type Cell = Readonly<Record<string, string>>;

/** A map of a case, with its row of the table. */
export interface CaseMap {
  readonly row: SessionRow;
  readonly cells: Cell;
  readonly data: Float32Array;
}

/** What one run is expected to give: maps by name, tables by name, numbers. */
export interface Expected {
  readonly map: (name: string) => Float32Array | undefined;
  readonly table: (name: string) => readonly Cell[];
  readonly null: Readonly<Record<string, number[]>> & { readonly step: number };
  readonly compare: Readonly<Record<string, number | boolean>>;
}

export function readCase(name: "unpaired" | "covariates" | "jobs") {
  const path = join(import.meta.dirname, "fixtures", `${name}.json.gz`);
  const stored = JSON.parse(gunzipSync(readFileSync(path)).toString());
  const atlasImage = imageOf(stored.atlas);
  const names = new Map<number, string>(stored.labels.map((row: Cell) => [Number(row.index), row.name]));
  const rows = stored.maps as Record<string, (Cell & { readonly image: StoredImage })[]>;
  const first = imageOf(Object.values(rows)[0]![0]!.image);
  const grid: Grid = { shape: first.shape, affine: first.affine };
  return {
    grid,
    atlas: regionAtlas(atlasImage, grid, names),
    truth: stored.truth === undefined ? undefined : imageOf(stored.truth),
    maps: (source: string, column?: string, value?: string): CaseMap[] =>
      rows[source]!.filter((cells) => column === undefined || cells[column] === value).map(
        ({ image, ...cells }) => ({
          row: { participant: cells.participant_id!, session: cells.session_id!, covariates: cells },
          cells,
          data: imageOf(image).data,
        }),
      ),
    expected: (run: string): Expected => {
      const files = stored.expected[run];
      return {
        map: (file) => (files[file] === undefined ? undefined : floats(files[file])),
        table: (file) => files[file],
        null: files.null,
        compare: files.compare,
      };
    },
  };
}

function imageOf({ shape, affine, data }: StoredImage): LabelImage & { readonly data: Float32Array } {
  return { shape, affine, data: floats(data) };
}

function floats(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
}

/** Within 10⁻⁵, and within 10⁻⁶ of the largest value: what float32 maps allow. */
export function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, what = ""): void {
  expect(found.length, what).toBe(wanted.length);
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) largest = Math.max(largest, Math.abs(wanted[i]!));
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    const allowed = 1e-5 * Math.abs(wanted[i]!) + 1e-6 * largest + Number.MIN_VALUE;
    const error = Math.abs(found[i]! - wanted[i]!) / allowed;
    worst = Number.isNaN(error) ? Infinity : Math.max(worst, error);
  }
  expect(worst, `${what}: error ÷ tolerance`).toBeLessThanOrEqual(1);
}

/** A column of a table as numbers; `n/a` is null. */
function numbers(table: readonly Cell[], column: string): (number | null)[] {
  return table.map((row) => (row[column] === "n/a" ? null : Number(row[column])));
}

/** Compares a column with `n/a` in it. */
export function expectColumn(
  found: readonly (number | null | undefined)[],
  table: readonly Cell[],
  column: string,
): void {
  const wanted = numbers(table, column);
  expect(
    found.map((value) => value === null),
    column,
  ).toEqual(wanted.map((value) => value === null));
  expectClose(
    found.map((value) => value ?? 0),
    wanted.map((value) => value ?? 0),
    column,
  );
}
