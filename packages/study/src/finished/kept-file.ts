import { isObject, type RangeReader, VoxplainError } from "@voxplain/core";
import type { GroupCommon, GroupSums } from "../maps/group-maps.ts";
import type { FinishedSession } from "./finished-session.ts";
import { fromJson, toJson } from "./numbers-in-json.ts";

// A file of a store: eight bytes that say what it is, the length of its header, the header as JSON, and the arrays that the header
// lists, each from a multiple of eight bytes on, little-endian.

/** What a file of a store is about, without its arrays. */
export interface KeptHeader {
  /** What the sessions depend on, as a digest. */
  readonly key: string;
  /** In the order of the list. */
  readonly sessions: readonly FinishedSession[];
  /** What there is of their maps; absent where no sum is made, or none of them is kept. */
  readonly sums?: SumsHeader;
}

interface SumsHeader {
  readonly count: number;
  readonly common: GroupCommon;
  readonly arrays: readonly ArrayHeader[];
}

interface ArrayHeader {
  readonly name: "maps" | "inputs" | "anatomy" | "recomposed" | "pieces";
  readonly values: "float32" | "float64" | "uint8" | "uint32";
  readonly dims: readonly number[];
  readonly length: number;
  readonly count: number;
}

/** Memory for arrays of a name and type, used again for each file: engines free large arrays late. */
export type KeptMemory = Map<string, ArrayBuffer>;

const magic = new TextEncoder().encode("VXPKEPT2");
const alignment = 8;
const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  uint32: Uint32Array,
} as const;

/** The pieces of a file: its header, and views of the arrays. */
export function encodeKept(
  { key, sessions }: Omit<KeptHeader, "sums">,
  sums: GroupSums | undefined,
): readonly Uint8Array[] {
  const arrays = sums === undefined ? [] : arraysOf(sums);
  const headers = arrays.map(({ data: _, ...header }) => header);
  const ofSums = sums && { count: sums.count, common: sums.common, arrays: headers };
  const header = headerPieces({ key, sessions, ...(ofSums && { sums: ofSums }) });
  const length = header.reduce((sum, piece) => sum + piece.length, 0);
  const head = new Uint8Array(magic.length + alignment);
  head.set(magic);
  new DataView(head.buffer).setUint32(magic.length, length, true);
  const padding = new Uint8Array(aligned(length) - length);
  return [head, ...header, padding, ...arrays.flatMap(({ data }) => padded(data))];
}

/** A header as JSON, a piece for each session: one long text for all of them would stay in memory for long. */
function headerPieces({ sessions, ...rest }: KeptHeader): readonly Uint8Array[] {
  const encoder = new TextEncoder();
  const of = sessions.map((session, k) => encoder.encode(`${k === 0 ? "" : ","}${toJson(session)}`));
  return [encoder.encode(`${toJson(rest).slice(0, -1)},"sessions":[`), ...of, encoder.encode("]}")];
}

/** @throws VoxplainError `invalid-file` for what is no file of a store. */
export async function readKeptHeader(file: RangeReader, name: string): Promise<KeptHeader> {
  const { header } = await readHeader(file, name);
  return header;
}

/**
 * What there is of the maps; undefined where there is nothing.
 * @param memory - Where arrays are read, which those of the next file then replace.
 * @throws VoxplainError as `readKeptHeader`.
 */
export async function readKeptSums(
  file: RangeReader,
  name: string,
  memory: KeptMemory = new Map(),
): Promise<GroupSums | undefined> {
  const { header, end } = await readHeader(file, name);
  if (header.sums === undefined) return undefined;
  const { count, common, arrays } = header.sums;
  const sums: Record<string, unknown> = {};
  let at = end;
  for (const one of arrays) {
    const data = new arrayTypes[one.values](memoryFor(one, memory), 0, one.length);
    const bytes = new Uint8Array(data.buffer);
    if (file.readInto) await file.readInto(at, bytes);
    else bytes.set(await file.read(at, bytes.byteLength));
    at += aligned(bytes.byteLength);
    const { name: of, dims } = one;
    if (of === "recomposed" || of === "pieces") {
      const known = typeof sums[of] === "object" ? sums[of] : {};
      sums[of] = { ...known, grid: dims, [one.values.startsWith("uint") ? "coverage" : "sum"]: data };
    } else sums[of] = { ...(of !== "anatomy" && { dims }), data, count: one.count };
  }
  return { ...sums, count, common };
}

function memoryFor({ name, values, length }: ArrayHeader, memory: KeptMemory): ArrayBuffer {
  const key = `${name} ${values}`;
  const needed = length * arrayTypes[values].BYTES_PER_ELEMENT;
  const known = memory.get(key);
  if (known?.byteLength === needed) return known;
  const made = new ArrayBuffer(needed);
  memory.set(key, made);
  return made;
}

async function readHeader(
  file: RangeReader,
  name: string,
): Promise<{ readonly header: KeptHeader; readonly end: number }> {
  const start = magic.length + alignment;
  if (file.byteLength < start) throw broken(name);
  const head = await file.read(0, start);
  if (magic.some((byte, k) => head[k] !== byte)) throw broken(name);
  const length = new DataView(head.buffer, head.byteOffset).getUint32(magic.length, true);
  if (start + length > file.byteLength) throw broken(name);
  const header = parsed(new TextDecoder().decode(await file.read(start, length)));
  const end = aligned(start + length);
  if (!isHeader(header) || end + bytesOf(header) > file.byteLength) throw broken(name);
  return { header, end };
}

/** Undefined for what is no JSON, or is nested so deep that no stack holds it. */
function parsed(text: string): unknown {
  try {
    return fromJson(text);
  } catch {
    return undefined;
  }
}

/** Whether a header has the form in which it is written. What is in a session is believed: its key says who wrote it. */
function isHeader(value: unknown): value is KeptHeader {
  if (!isObject(value) || typeof value.key !== "string" || !Array.isArray(value.sessions)) return false;
  const { sessions, sums } = value;
  return (
    sessions.every((one) => isObject(one) && isCount(one.place) && typeof one.name === "string") &&
    (sums === undefined ||
      (isObject(sums) &&
        isCount(sums.count) &&
        Array.isArray(sums.arrays) &&
        sums.arrays.every(isArrayHeader)))
  );
}

function isArrayHeader(value: unknown): boolean {
  return (
    isObject(value) &&
    ["maps", "inputs", "anatomy", "recomposed", "pieces"].includes(String(value.name)) &&
    Object.hasOwn(arrayTypes, String(value.values)) &&
    isCount(value.length) &&
    Array.isArray(value.dims)
  );
}

/** Of all arrays of a file. */
function bytesOf({ sums }: KeptHeader): number {
  return (sums?.arrays ?? []).reduce(
    (sum, { values, length }) => sum + aligned(length * arrayTypes[values].BYTES_PER_ELEMENT),
    0,
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function broken(name: string): VoxplainError {
  return new VoxplainError("invalid-file", "it is damaged, or no session that Voxplain kept", {
    file: name,
    hint: "remove it: the session is computed again",
  });
}

type Values = Float32Array | Float64Array | Uint8Array | Uint32Array;

function arraysOf(sums: GroupSums): (ArrayHeader & { readonly data: Values })[] {
  const ofMaps = (["maps", "inputs"] as const).flatMap((name) => {
    const one = sums[name];
    return one === undefined ? [] : [{ name, ...arrayOf(one.data), dims: one.dims, count: one.count }];
  });
  const { anatomy } = sums;
  const ofImages =
    anatomy === undefined
      ? []
      : [
          {
            ...{ name: "anatomy" as const, dims: [anatomy.data.length], count: anatomy.count },
            ...arrayOf(anatomy.data),
          },
        ];
  const ofParts = (["recomposed", "pieces"] as const).flatMap((name) => {
    const one = sums[name];
    if (one === undefined) return [];
    const common = { name, dims: one.grid, count: 0 };
    return [one.sum, one.coverage].map((data) => ({ ...common, ...arrayOf(data) }));
  });
  return [...ofMaps, ...ofImages, ...ofParts];
}

function arrayOf(data: Values): Pick<ArrayHeader, "values" | "length"> & { readonly data: Values } {
  return { values: typeOf(data), length: data.length, data };
}

function typeOf(data: Values): ArrayHeader["values"] {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  return data instanceof Uint8Array ? "uint8" : "uint32";
}

function padded({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array[] {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const missing = aligned(byteLength) - byteLength;
  return missing === 0 ? [bytes] : [bytes, new Uint8Array(missing)];
}

function aligned(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}
