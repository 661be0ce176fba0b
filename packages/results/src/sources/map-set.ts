import { decodeMap, type MapGeometry, readMapGeometry, type Template } from "@voxplain/caps-io";
import {
  type Affine,
  errorAt,
  identityAffine,
  isSamePosition,
  isVoxplainError,
  knownPosition,
  readFile,
  VoxplainError,
} from "@voxplain/core";
import type { Grid } from "@voxplain/group-analysis";
import type { MapSource } from "./map-source.ts";
import { mapName, type SourceMap } from "./source-map.ts";

/** Maps of all sources, on one grid. */
export interface MapSet {
  /** In the order in which they were given. */
  readonly sources: readonly MapSource[];
  /** Grid of all maps; with the identity where their position is unknown. */
  readonly grid: Grid;
  /** Whether it is known where the voxels are. */
  readonly isPlaced: boolean;
  /** Sentences about headers. */
  readonly warnings: readonly string[];
  /** The values of a map, row-major. @throws VoxplainError with the session, for a file that is damaged. */
  read(map: SourceMap): Promise<Float32Array>;
}

/** How maps of sources are brought together. */
export interface MapSetOptions {
  /** An image whose affine the maps get. */
  readonly template?: Template | undefined;
  /** Unpacks a file before it is decoded, where there is a faster way than `decodeMap` has; bytes that it cannot unpack stay as they are. */
  readonly unpack?: (bytes: Uint8Array) => Promise<Uint8Array>;
}

/** Headers that are read at once. */
const concurrent = 16;

/**
 * Compares the grids of all maps of sources from their headers. Maps with exactly the identity as their affine, and those whose
 * headers give none, are at an unknown position unless a template gives it.
 * @throws VoxplainError naming session and file for a map that cannot be read; `mismatch` for the first map on another grid, and for a
 * template of another shape.
 */
export async function mapSetOf(
  sources: readonly MapSource[],
  { template, unpack = async (bytes) => bytes }: MapSetOptions = {},
): Promise<MapSet> {
  const maps = sources.flatMap((source) => source.maps);
  const warnings = new Set<string>(template?.warnings);
  const headers: MapGeometry[] = [];
  for (let at = 0; at < maps.length; at += concurrent) {
    headers.push(...(await Promise.all(maps.slice(at, at + concurrent).map(headerOf))));
  }
  const [first] = headers;
  if (first === undefined) throw new RangeError("sources have maps");
  headers.forEach((header, k) => {
    for (const warning of header.warnings) warnings.add(warning);
    const session = mapName(maps[k] ?? { participant: "", session: "" });
    if (header.affineError !== undefined && template === undefined) {
      throw new VoxplainError("invalid-file", header.affineError, { session, hint: placeHint });
    }
    const problem = misfit(header, first);
    if (problem !== undefined) throw errorAt(problem, { session, file: header.name });
  });
  const own = knownPosition(first.affine);
  if (template !== undefined) checkTemplate(template, first, own, warnings);
  const affine = template?.affine ?? own;
  return {
    sources,
    grid: { shape: first.shape, affine: affine ?? identityAffine },
    isPlaced: affine !== undefined,
    warnings: [...warnings],
    read: (map) => readMap(map, unpack),
  };
}

/** What to do where world coordinates are needed and unknown. */
export const placeHint = "give an image on their grid that has the position (--nifti_template_path)";

async function headerOf(map: SourceMap): Promise<MapGeometry> {
  const { source, below } = map.place;
  return withSession(map, () => readMapGeometry(source, below));
}

async function readMap(map: SourceMap, unpack: NonNullable<MapSetOptions["unpack"]>): Promise<Float32Array> {
  const { source, below } = map.place;
  return withSession(map, async () =>
    decodeMap(await unpack(await readFile(source, below)), below, `${source.name}/${below}`),
  );
}

async function withSession<T>(map: SourceMap, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    throw errorAt(error, { session: mapName(map) });
  }
}

function misfit(header: MapGeometry, first: MapGeometry): VoxplainError | undefined {
  const [own, other] = [knownPosition(header.affine), knownPosition(first.affine)];
  const sameShape = header.shape.every((length, axis) => length === first.shape[axis]);
  const known = own !== undefined && other !== undefined;
  if (sameShape && (known ? isSamePosition(own, other, first.shape) : own === other)) return undefined;
  if (sameShape && !known) {
    return new VoxplainError(
      "mismatch",
      own === undefined
        ? `its position is unknown, and that of ${first.name} is known`
        : `its position is known, and that of ${first.name} is not`,
      { hint: placeHint },
    );
  }
  return new VoxplainError("mismatch", `the map is on another grid than ${first.name}`, {
    expected: gridText(first.shape, other),
    found: gridText(header.shape, own),
    hint: "maps are never resampled: bring all onto one grid first",
  });
}

function checkTemplate(
  template: Template,
  { shape, name }: MapGeometry,
  own: Affine | undefined,
  warnings: Set<string>,
): void {
  if (!shape.every((length, axis) => length === (template.shape[axis] ?? 1))) {
    throw new VoxplainError("mismatch", "the template has another shape than the maps", {
      file: template.name,
      expected: `${shape.join("×")} voxels, as ${name}`,
      found: template.shape.join("×"),
    });
  }
  if (own !== undefined && !isSamePosition(own, template.affine, shape)) {
    warnings.add(
      `the maps are at ${gridText(shape, own)}, and get the affine of ${template.name}: ${gridText(shape, template.affine)}`,
    );
  }
}

function gridText(shape: readonly number[], affine: Affine | undefined): string {
  const rows = affine?.slice(0, 3).map((row) => row.map((value) => Number(value.toPrecision(6))).join(" "));
  return `${shape.join("×")} voxels, ${rows === undefined ? "position unknown" : `[${rows.join("; ")}]`}`;
}
