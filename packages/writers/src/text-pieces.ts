/** A list that may be too long to hold at once. */
export type LongList<Item> = readonly Item[] | AsyncIterable<Item>;

/** Bytes of a piece of a file: as many as are worth a call of the system. */
const pieceLength = 2 ** 16;

/** A character of a text takes at most as many bytes. */
const bytesPerUnit = 3;

/** The bytes of texts, in pieces. Each text is encoded at once: one that waits for others would be old for the garbage collector. */
export async function* encodePieces(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let piece = new Uint8Array(pieceLength);
  let length = 0;
  for await (const text of texts) {
    if (length + bytesPerUnit * text.length > pieceLength) {
      if (length > 0) yield piece.subarray(0, length);
      [piece, length] = [new Uint8Array(pieceLength), 0];
    }
    if (bytesPerUnit * text.length > pieceLength) yield encoder.encode(text);
    else length += encoder.encodeInto(text, piece.subarray(length)).written;
  }
  if (length > 0) yield piece.subarray(0, length);
}
