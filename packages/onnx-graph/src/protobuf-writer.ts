import { type Field, type Message, type NumberType, type Schema, type Value, wireTypes } from "./protobuf.ts";

/** A message in pieces, so that the bytes of large fields are copied once, however deeply they are nested. */
interface Pieces {
  readonly parts: Uint8Array[];
  byteLength: number;
}

/** Writes a message: fields in the order of their numbers, numbers of repeated fields one by one. */
export function encodeMessage(schema: Schema, messageName: string, message: Message): Uint8Array {
  const { parts, byteLength } = piecesOf(schema, messageName, message);
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

function piecesOf(schema: Schema, messageName: string, message: Message): Pieces {
  const pieces: Pieces = { parts: [], byteLength: 0 };
  for (const [number, field] of Object.entries(schema[messageName]!)) {
    const value = message[field.name];
    if (value === undefined) continue;
    for (const item of field.repeated ? (value as readonly Value[]) : [value as Value]) {
      writeField(schema, Number(number), field, item, pieces);
    }
  }
  return pieces;
}

function writeField(schema: Schema, number: number, { type }: Field, value: Value, pieces: Pieces): void {
  const tag = (wireType: number) => varintBytes(number * 8 + wireType);
  if (type === "varint" || type === "float" || type === "double") {
    add(pieces, tag(wireTypes[type]), numberBytes(type, value as number | bigint));
    return;
  }
  const content =
    type === "bytes"
      ? single(value as Uint8Array)
      : type === "string"
        ? single(new TextEncoder().encode(value as string))
        : piecesOf(schema, type.message, value as Message);
  add(pieces, tag(wireTypes.delimited), varintBytes(content.byteLength));
  for (const part of content.parts) add(pieces, part);
}

function single(bytes: Uint8Array): Pieces {
  return { parts: [bytes], byteLength: bytes.byteLength };
}

function add(pieces: Pieces, ...parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    pieces.parts.push(part);
    pieces.byteLength += part.byteLength;
  }
}

function numberBytes(type: NumberType, value: number | bigint): Uint8Array {
  if (type === "varint") return varintBytes(value);
  const array = type === "float" ? Float32Array.of(Number(value)) : Float64Array.of(Number(value));
  return new Uint8Array(array.buffer);
}

function varintBytes(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  if (typeof value === "number" && value >= 0 && Number.isSafeInteger(value)) {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
    bytes.push(rest);
  } else {
    let rest = BigInt.asUintN(64, int64(value));
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
  }
  return Uint8Array.from(bytes);
}

/** The largest int64, "to the end" for exporters, is 2⁶³ once it is a number: it must not turn negative. */
function int64(value: number | bigint): bigint {
  const whole = BigInt(value);
  if (typeof value === "bigint") return whole;
  const largest = 2n ** 63n - 1n;
  return whole > largest ? largest : whole < -largest - 1n ? -largest - 1n : whole;
}
