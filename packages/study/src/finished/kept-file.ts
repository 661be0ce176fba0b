import { isObject, type RangeReader, VoxplainError } from "@voxplain/core";
import type { GroupSums } from "../maps/group-maps.ts";
import type { FinishedSession } from "./finished-session.ts";
import {
  type ArrayHeader,
  arrayTypes,
  isHeader,
  type KeptHeader,
  type Outcome,
  type SumsHeader,
} from "./kept-header.ts";
import { fromJson, toJson } from "./numbers-in-json.ts";

// A file of a store: eight bytes that say what it is, the length of its header, the header as JSON, its sessions, each as JSON, and the
// arrays that the header lists, each from a multiple of eight bytes on, little-endian.

/** A session as it is in a file. */
export interface EncodedSession {
  /** In the list, from 0. */
  readonly place: number;
  readonly outcome: Outcome;
  /** Its JSON. */
  readonly bytes: Uint8Array;
}

/** A file of a store. Its header is read when it is opened, the rest when it is asked for. */
export interface KeptFile {
  readonly key: string;
  readonly sessions: readonly Pick<EncodedSession, "place" | "outcome">[];
  /**
   * The session of a place; undefined where it is not in the file. Those that follow it in the file are read with it, some at a time.
   * @throws VoxplainError `invalid-file` where its bytes are damaged.
   */
  session(place: number): Promise<FinishedSession | undefined>;
  /** The same as its bytes. */
  encoded(place: number): Promise<EncodedSession | undefined>;
  /**
   * What there is of the maps; undefined where there is nothing.
   * @param memory - Where arrays are read, which those of the next file then replace.
   */
  sums(memory?: KeptMemory): Promise<GroupSums | undefined>;
}

/** Memory for arrays of a name and type, used again for each file: engines free large arrays late. */
export type KeptMemory = Map<string, ArrayBuffer>;

const magic = new TextEncoder().encode("VXPKEPT3");
const alignment = 8;
/** Bytes that are read at once where what is asked for is shorter. */
const chunkLength = 2 ** 16;
/** Of what says what the file is, and of the length of its header. */
const headLength = magic.length + alignment;

export function encodeSession(session: FinishedSession): EncodedSession {
  const { place } = session;
  return { place, outcome: outcomeOf(session), bytes: new TextEncoder().encode(toJson(session)) };
}

export function outcomeOf({ computed }: FinishedSession): Outcome {
  if (computed === undefined) return 0;
  return computed.isKept ? 2 : 1;
}

/** The pieces of a file. */
export function encodeKept(
  key: string,
  sessions: readonly EncodedSession[],
  sums: GroupSums | undefined,
): readonly Uint8Array[] {
  const arrays = sums === undefined ? [] : arraysOf(sums);
  const header: KeptHeader = {
    key,
    sessions: sessions.map(({ place, outcome, bytes }) => [place, outcome, bytes.length]),
    ...(sums && {
      sums: {
        ...{ count: sums.count, common: sums.common },
        arrays: arrays.map(({ data: _, ...described }) => described),
      },
    }),
  };
  const encoded = new TextEncoder().encode(toJson(header));
  const head = new Uint8Array(headLength);
  head.set(magic);
  new DataView(head.buffer).setUint32(magic.length, encoded.length, true);
  const length = encoded.length + sessions.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const padding = new Uint8Array(aligned(length) - length);
  return [
    ...[head, encoded, ...sessions.map(({ bytes }) => bytes), padding],
    ...arrays.flatMap(({ data }) => padded(data)),
  ];
}

/** Where a session is in a file. */
interface Entry extends Omit<EncodedSession, "bytes"> {
  readonly start: number;
  readonly end: number;
}

/** @throws VoxplainError `invalid-file` for what is no file of a store, or not all of one. */
export async function openKept(file: RangeReader, name: string): Promise<KeptFile> {
  const chunk = chunkOf(file);
  const header = await readHeader(file, chunk, name);
  const entries = new Map<number, Entry>();
  let at = header.end;
  for (const [place, outcome, length] of header.sessions) {
    entries.set(place, { place, outcome, start: at, end: at + length });
    at += length;
  }
  const firstArray = aligned(at);
  const arrays = header.sums?.arrays ?? [];
  const end = arrays.reduce((sum, one) => sum + aligned(byteLengthOf(one)), firstArray);
  if (file.byteLength !== end) throw broken(name);
  const encoded = async (place: number): Promise<EncodedSession | undefined> => {
    const entry = entries.get(place);
    if (entry === undefined) return undefined;
    const { outcome, start, end } = entry;
    return { place, outcome, bytes: await chunk.read(start, end, firstArray) };
  };
  return {
    key: header.key,
    sessions: [...entries.values()],
    encoded,
    async session(place) {
      const one = await encoded(place);
      if (one === undefined) return undefined;
      const session = parsed(one.bytes);
      if (!isSession(session, place)) throw broken(name);
      return session;
    },
    sums: async (memory = new Map()) => header.sums && readSums(file, firstArray, header.sums, memory),
  };
}

async function readSums(
  file: RangeReader,
  firstArray: number,
  { count, common, arrays }: SumsHeader,
  memory: KeptMemory,
): Promise<GroupSums> {
  const sums: Record<string, unknown> = {};
  let at = firstArray;
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

/** The bytes of a file that were read last. */
function chunkOf(file: RangeReader) {
  let known: { readonly start: number; readonly bytes: Uint8Array } = { start: 0, bytes: new Uint8Array() };
  return {
    /** @param last - Where what may be read with it ends. */
    async read(start: number, end: number, last: number): Promise<Uint8Array> {
      if (start < known.start || end > known.start + known.bytes.length) {
        const length = Math.max(end - start, Math.min(last - start, chunkLength));
        known = { start, bytes: await file.read(start, length) };
      }
      return known.bytes.subarray(start - known.start, end - known.start);
    },
  };
}

function byteLengthOf({ values, length }: ArrayHeader): number {
  return length * arrayTypes[values].BYTES_PER_ELEMENT;
}

function memoryFor(array: ArrayHeader, memory: KeptMemory): ArrayBuffer {
  const key = `${array.name} ${array.values}`;
  const needed = byteLengthOf(array);
  const known = memory.get(key);
  if (known?.byteLength === needed) return known;
  const made = new ArrayBuffer(needed);
  memory.set(key, made);
  return made;
}

async function readHeader(
  file: RangeReader,
  chunk: ReturnType<typeof chunkOf>,
  name: string,
): Promise<KeptHeader & { readonly end: number }> {
  if (file.byteLength < headLength) throw broken(name);
  const head = await chunk.read(0, headLength, file.byteLength);
  if (magic.some((byte, k) => head[k] !== byte)) throw broken(name);
  const end = headLength + new DataView(head.buffer, head.byteOffset).getUint32(magic.length, true);
  if (end > file.byteLength) throw broken(name);
  const header = parsed(await chunk.read(headLength, end, file.byteLength));
  if (!isHeader(header)) throw broken(name);
  return { ...header, end };
}

/** Undefined for what is no JSON, or is nested so deep that no stack holds it. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return fromJson(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** What is in a session is believed: the key of its file says who wrote it. */
function isSession(value: unknown, place: number): value is FinishedSession {
  return isObject(value) && value.place === place && typeof value.name === "string";
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
