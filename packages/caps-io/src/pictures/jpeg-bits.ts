/** A Huffman table by the next 16 bits: the code's length in the upper byte, its symbol in the lower; 0 is no code. */
export type HuffmanTable = Uint16Array;

/**
 * From how many codes there are of each length, 1 to 16, and their symbols in that order.
 * ITU-T T.81, annex C. Undefined where there are more codes than bits.
 */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable | undefined {
  const table = new Uint16Array(2 ** 16);
  let from = 0;
  let next = 0;
  for (const [k, count] of counts.entries()) {
    const length = k + 1;
    for (const symbol of symbols.subarray(next, next + count)) {
      const to = from + 2 ** (16 - length);
      if (to > table.length) return undefined;
      table.fill((length << 8) | symbol, from, to);
      from = to;
    }
    next += count;
  }
  return table;
}

/** The bits between two markers. All of it throws a RangeError where they end early. */
export interface BitReader {
  /** The next symbol. @throws RangeError where the bits are no code. */
  symbol(table: HuffmanTable): number;
  /** A number of so many bits, at most 16. */
  bits(count: number): number;
  /** A value of so many bits whose first bit is its sign. T.81, F.2.2.1, "EXTEND". */
  signed(count: number): number;
  /** Drops what is left of the byte; the place of the marker that follows. */
  marker(): number;
  /** Goes on behind a marker. */
  continueAt(place: number): void;
}

/** Reads bits from a place. Bytes 0xFF are followed by a 0; another byte makes them a marker, which ends the bits. */
export function bitReader(bytes: Uint8Array, start: number): BitReader {
  let at = start;
  let held = 0;
  let count = 0;
  /** Bits that were held in stead of those behind the end. */
  let missing = 0;
  const fill = () => {
    while (count <= 16) {
      const byte = bytes[at];
      const isEnd = byte === undefined || (byte === 0xff && bytes[at + 1] !== 0);
      held = (held << 8) | (isEnd ? 0 : byte);
      count += 8;
      if (isEnd) missing += 8;
      else at += byte === 0xff ? 2 : 1;
    }
  };
  const drop = (length: number) => {
    count -= length;
    if (count < missing) throw new RangeError("the data end early");
  };
  const bits = (length: number) => {
    if (length === 0) return 0;
    fill();
    const value = (held >>> (count - length)) & (2 ** length - 1);
    drop(length);
    return value;
  };
  return {
    bits,
    symbol(table) {
      fill();
      const entry = table[(held >>> (count - 16)) & 0xffff]!;
      if (entry === 0) throw new RangeError("the data contain an invalid code");
      drop(entry >> 8);
      return entry & 0xff;
    },
    signed(length) {
      const value = bits(length);
      return length > 0 && value < 2 ** (length - 1) ? value - 2 ** length + 1 : value;
    },
    marker() {
      held = count = missing = 0;
      while (at < bytes.length && !(bytes[at] === 0xff && bytes[at + 1] !== 0 && bytes[at + 1] !== 0xff))
        at++;
      return at;
    },
    continueAt(place) {
      at = place;
    },
  };
}
