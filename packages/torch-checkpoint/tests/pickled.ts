// Pickles written by hand, and the smallest files around them.

const encoder = new TextEncoder();

/** Bytes of text (as Latin-1: "\x80" is one byte), of numbers (a byte each) and of bytes, one behind the other. */
export function bytesOf(...parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  const pieces = parts.map((part) => {
    if (part instanceof Uint8Array) return part;
    return typeof part === "number"
      ? Uint8Array.of(part)
      : Uint8Array.from({ length: part.length }, (_, k) => part.charCodeAt(k));
  });
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** The same bytes many times. */
export function repeat(bytes: Uint8Array | string, times: number): Uint8Array {
  const once = bytesOf(bytes);
  const many = new Uint8Array(once.length * times);
  for (let k = 0; k < times; k++) many.set(once, k * once.length);
  return many;
}

/** `value` in `byteLength` bytes, little-endian. */
export function integer(value: number | bigint, byteLength: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, k) => Number((BigInt(value) >> BigInt(8 * k)) & 255n));
}

/** BINUNICODE. */
export function text(content: string): Uint8Array {
  const bytes = encoder.encode(content);
  return bytesOf("X", integer(bytes.length, 4), bytes);
}

/** LONG1 of eight bytes. */
export function long(value: number | bigint): Uint8Array {
  return bytesOf("\x8a\x08", integer(value, 8));
}

export const magic = bytesOf("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.");
const system = bytesOf("\x80\x02}", text("little_endian"), "\x88s.");

/** A legacy file: what follows the system's record is the pickle of the value, the storages' keys, the storages. */
export function legacyFile(pickle: Uint8Array, rest: Uint8Array = bytesOf("\x80\x02].")): Uint8Array {
  return bytesOf(magic, "\x80\x02M\xe9\x03.", system, "\x80\x02", pickle, ".", rest);
}

/** A persistent id of a storage, on the stack. */
export function storage(type: string, key: Uint8Array, length: number): Uint8Array {
  return bytesOf("(", text("storage"), `ctorch\n${type}\n`, key, text("cpu"), long(length), "tQ");
}

/** `_rebuild_tensor_v2(storage, 0, dims, strides, False, None)`. */
export function tensor(
  storageId: Uint8Array,
  dims: readonly (number | bigint)[],
  strides: readonly number[],
): Uint8Array {
  const tuple = (values: readonly (number | bigint)[]) => bytesOf("(", ...values.map(long), "t");
  return bytesOf(
    "ctorch._utils\n_rebuild_tensor_v2\n(",
    storageId,
    "K\x00",
    tuple(dims),
    tuple(strides),
    "\x89NtR",
  );
}

/** A list of two lists of two lists …: few bytes, 2 ** depth values for who walks over it. */
export function laughs(depth: number): Uint8Array {
  const levels = Array.from({ length: depth }, (_, k) => bytesOf("0](h", k, "h", k, "eq", k + 1));
  return bytesOf("]q\x00", ...levels);
}

/** A list in a list in a list …. */
export function nested(depth: number): Uint8Array {
  return bytesOf(repeat("]", depth), repeat("a", depth - 1));
}
