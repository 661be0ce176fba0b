import { VoxplainError } from "@voxplain/core";
import { type Field, type Message, type NumberType, type Schema, type Value, wireTypes } from "./protobuf.ts";

/** Subgraphs of real models are nested two or three deep; the limit keeps hostile files off the stack. */
const deepest = 64;

/**
 * A message, text or run of bytes costs far more memory than its two bytes in the file may be. The
 * largest networks have some hundred thousand.
 */
const mostValues = 4_000_000;

/** Numbers that are written one by one take twice their memory and more; engines have no longer lists than twice this. */
const mostNumbers = 2 ** 26;

/**
 * Reads a message. Fields that the schema does not name are skipped; `bytes` fields are views into
 * `bytes`, not copies.
 * @throws VoxplainError `invalid-file` when the bytes are no such message.
 */
export function decodeMessage(schema: Schema, messageName: string, bytes: Uint8Array): Message {
  let count = 0;
  let numbers = 0;
  return message(messageName, bytes, 0);

  function message(name: string, content: Uint8Array, depth: number): Message {
    if (depth > deepest) throw damaged(`its parts are nested more than ${deepest} deep`);
    const decoded: Record<string, Value | Value[]> = {};
    const reader = wireReader(content);
    while (!reader.atEnd()) {
      const { number, wireType } = reader.tag();
      const field = schema[name]![number];
      if (field === undefined) reader.skip(wireType);
      else if (field.repeated) append(decoded, field, reader, wireType, depth);
      else decoded[field.name] = value(field, reader, wireType, depth);
    }
    return decoded;
  }

  function append(
    decoded: Record<string, Value | Value[]>,
    field: Field,
    reader: WireReader,
    wireType: number,
    depth: number,
  ): void {
    decoded[field.name] ??= [];
    const list = decoded[field.name] as Value[];
    const { type } = field;
    const isPacked = isNumber(type) && wireType === wireTypes.delimited;
    if (!isPacked) {
      list.push(value(field, reader, wireType, depth));
      return;
    }
    const run = wireReader(reader.bytes(wireType));
    while (!run.atEnd()) list.push(number(type, run, wireTypes[type]));
  }

  function number(type: NumberType, reader: WireReader, wireType: number): number | bigint {
    if (++numbers > mostNumbers) throw damaged(`it has more than ${mostNumbers} numbers outside of raw data`);
    return reader.number(type, wireType);
  }

  function value({ type }: Field, reader: WireReader, wireType: number, depth: number): Value {
    if (isNumber(type)) return number(type, reader, wireType);
    if (++count > mostValues) throw damaged(`it has more than ${mostValues} parts`);
    const content = reader.bytes(wireType);
    if (type === "bytes") return content;
    return type === "string" ? utf8.decode(content) : message(type.message, content, depth + 1);
  }
}

function isNumber(type: Field["type"]): type is NumberType {
  return type === "varint" || type === "float" || type === "double";
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

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

  /** Signed 64 bit. */
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
    throw damaged("a number in it has no end");
  }

  function expect(wireType: number, expected: number): void {
    if (wireType !== expected) throw damaged("a field has the wrong type");
  }

  return {
    atEnd: () => at >= bytes.byteLength,
    tag() {
      const key = varint();
      if (typeof key !== "number" || key < 8) throw damaged("a field has no number");
      return { number: Math.floor(key / 8), wireType: key % 8 };
    },
    number(type, wireType) {
      expect(wireType, wireTypes[type]);
      if (type === "varint") return varint();
      return type === "float" ? view.getFloat32(take(4), true) : view.getFloat64(take(8), true);
    },
    bytes(wireType) {
      expect(wireType, wireTypes.delimited);
      const length = Number(varint());
      const start = take(length);
      return bytes.subarray(start, start + length);
    },
    skip(wireType) {
      if (wireType === wireTypes.varint) varint();
      else if (wireType === wireTypes.double) take(8);
      else if (wireType === wireTypes.delimited) take(Number(varint()));
      else if (wireType === wireTypes.float) take(4);
      else throw damaged(`a field has the unknown type ${wireType}`);
    },
  };
}

function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function damaged(what: string): VoxplainError {
  return new VoxplainError("invalid-file", `this is not an ONNX model, or a damaged one: ${what}`);
}
