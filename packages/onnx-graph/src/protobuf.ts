import { VoxplainError } from "@voxplain/core";

/**
 * How the fields of a message are spelled on the wire. "varint" covers int32, int64, enums and bool;
 * a name is that of another message of the schema.
 */
export type FieldType = "varint" | "float" | "double" | "string" | "bytes" | { readonly message: string };

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly repeated?: true;
}

/** Message name → field number → field. */
export type Schema = Readonly<Record<string, Readonly<Record<number, Field>>>>;

/** A decoded message: absent fields are absent; repeated fields are arrays. */
export type Message = { readonly [field: string]: Value | readonly Value[] };
export type Value = number | bigint | string | Uint8Array | Message;

/** Subgraphs of real models are nested two or three deep; the limit keeps hostile files off the stack. */
const deepest = 64;

/**
 * Reads a message. Unknown fields are skipped; `bytes` are views into `bytes`, not copies.
 * Wire format: https://protobuf.dev/programming-guides/encoding
 * @throws VoxplainError `invalid-file` when the bytes are no such message.
 */
export function decodeMessage(schema: Schema, messageName: string, bytes: Uint8Array, depth = 0): Message {
  if (depth > deepest) throw damaged(`its messages are nested more than ${deepest} deep`);
  const fields = schema[messageName]!;
  const message: Record<string, Value | Value[]> = {};
  const reader = wireReader(bytes);
  while (!reader.atEnd()) {
    const { number, wireType } = reader.tag();
    const field = fields[number];
    if (field === undefined) {
      reader.skip(wireType);
      continue;
    }
    const values = readField(schema, field, reader, wireType, depth);
    if (!field.repeated) {
      message[field.name] = values[values.length - 1]!;
      continue;
    }
    const list = message[field.name] as Value[] | undefined;
    if (list === undefined) message[field.name] = values;
    else for (const value of values) list.push(value);
  }
  return message;
}

function readField(
  schema: Schema,
  field: Field,
  reader: WireReader,
  wireType: number,
  depth: number,
): Value[] {
  const { type } = field;
  if (typeof type === "object")
    return [decodeMessage(schema, type.message, reader.bytes(wireType), depth + 1)];
  if (type === "bytes") return [reader.bytes(wireType)];
  if (type === "string") return [utf8.decode(reader.bytes(wireType))];
  // Numbers of a repeated field may be packed into one run of bytes.
  if (wireType !== 2) return [reader.number(type, wireType)];
  const run = wireReader(reader.bytes(wireType));
  const values: Value[] = [];
  const elementWireType = { varint: 0, float: 5, double: 1 }[type];
  while (!run.atEnd()) values.push(run.number(type, elementWireType));
  return values;
}

const utf8 = new TextDecoder();

type NumberType = "varint" | "float" | "double";

interface WireReader {
  atEnd(): boolean;
  tag(): { number: number; wireType: number };
  number(type: NumberType, wireType: number): number | bigint;
  bytes(wireType: number): Uint8Array;
  skip(wireType: number): void;
}

function wireReader(bytes: Uint8Array): WireReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  function take(length: number): number {
    const start = at;
    if (!(length >= 0 && length <= bytes.byteLength - at)) throw damaged("it ends in the middle of a field");
    at += length;
    return start;
  }

  /** Small values as number, the others as bigint, both signed 64 bit. */
  function varint(): number | bigint {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[take(1)]!;
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = bytes[take(1)]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return smallest(BigInt.asIntN(64, value));
    }
    throw damaged("a number in it never ends");
  }

  const reader: WireReader = {
    atEnd: () => at >= bytes.byteLength,
    tag() {
      const key = varint();
      if (typeof key !== "number" || key < 8) throw damaged("a field has no number");
      return { number: Math.floor(key / 8), wireType: key & 7 };
    },
    number(type, wireType) {
      const expected = { varint: 0, float: 5, double: 1 }[type];
      if (wireType !== expected) throw damaged("a field has the wrong wire type");
      if (type === "varint") return varint();
      return type === "float" ? view.getFloat32(take(4), true) : view.getFloat64(take(8), true);
    },
    bytes(wireType) {
      if (wireType !== 2) throw damaged("a field has the wrong wire type");
      const length = Number(varint());
      const start = take(length);
      return bytes.subarray(start, start + length);
    },
    skip(wireType) {
      if (wireType === 0) varint();
      else if (wireType === 1) take(8);
      else if (wireType === 2) take(Number(varint()));
      else if (wireType === 5) take(4);
      else throw damaged(`a field has the unknown wire type ${wireType}`);
    },
  };
  return reader;
}

function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Writes a message; fields in the order of their numbers, numbers of repeated fields packed. */
export function encodeMessage(schema: Schema, messageName: string, message: Message): Uint8Array {
  const parts: Uint8Array[] = [];
  writeMessage(schema, messageName, message, parts);
  return concatenate(parts);
}

function writeMessage(schema: Schema, messageName: string, message: Message, parts: Uint8Array[]): void {
  for (const [number, field] of Object.entries(schema[messageName]!)) {
    const value = message[field.name];
    if (value === undefined) continue;
    const values = field.repeated ? (value as readonly Value[]) : [value as Value];
    writeField(schema, Number(number), field, values, parts);
  }
}

function writeField(
  schema: Schema,
  number: number,
  field: Field,
  values: readonly Value[],
  parts: Uint8Array[],
): void {
  const { type } = field;
  const delimited = (content: Uint8Array) => {
    parts.push(varintBytes(number * 8 + 2), varintBytes(content.byteLength), content);
  };
  if (typeof type === "object") {
    for (const value of values) delimited(encodeMessage(schema, type.message, value as Message));
  } else if (type === "bytes") {
    for (const value of values) delimited(value as Uint8Array);
  } else if (type === "string") {
    for (const value of values) delimited(new TextEncoder().encode(value as string));
  } else if (field.repeated) {
    if (values.length > 0)
      delimited(concatenate(values.map((value) => numberBytes(type, value as number | bigint))));
  } else {
    const wireType = { varint: 0, float: 5, double: 1 }[type];
    parts.push(varintBytes(number * 8 + wireType), numberBytes(type, values[0] as number | bigint));
  }
}

function numberBytes(type: NumberType, value: number | bigint): Uint8Array {
  if (type === "varint") return varintBytes(value);
  return new Uint8Array(
    type === "float" ? Float32Array.of(Number(value)).buffer : Float64Array.of(Number(value)).buffer,
  );
}

function varintBytes(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  if (typeof value === "number" && value >= 0) {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
    bytes.push(rest);
  } else {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
  }
  return Uint8Array.from(bytes);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const total = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    total.set(part, at);
    at += part.byteLength;
  }
  return total;
}

function damaged(what: string): VoxplainError {
  return new VoxplainError("invalid-file", `this is no ONNX model, or a damaged one: ${what}`);
}
