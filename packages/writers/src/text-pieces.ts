/** A list that may be too long to hold at once. */
export type LongList<Item> = readonly Item[] | AsyncIterable<Item>;

/** Characters of a piece of a file: as many as a disk takes at once. */
const pieceLength = 2 ** 16;

/** The bytes of texts, in pieces that are worth a call of the system. */
export async function* encodePieces(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let waiting = "";
  for await (const text of texts) {
    waiting += text;
    if (waiting.length < pieceLength) continue;
    yield encoder.encode(waiting);
    waiting = "";
  }
  if (waiting !== "") yield encoder.encode(waiting);
}
