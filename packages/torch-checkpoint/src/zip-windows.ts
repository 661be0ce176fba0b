import type { RangeReader } from "@voxplain/core";

/** What is looked at from the header of a record on. */
const windowBytes = 1024;
/** Windows that begin within one piece are read with it. */
const pieceBytes = 2 ** 18;

/**
 * The bytes at the headers of records, which are asked for in their order. One read serves all that are close to each other: a read
 * over the network for each of thousands of small records would take minutes.
 * @param offsets Where headers begin, in ascending order.
 */
export function windowsOf(
  reader: RangeReader,
  offsets: readonly number[],
): (offset: number) => Promise<Uint8Array> {
  let start = 0;
  let piece: Uint8Array = new Uint8Array();
  let next = 0;
  return async (offset) => {
    const end = Math.min(offset + windowBytes, reader.byteLength);
    if (offset < start || end > start + piece.length) {
      while (next < offsets.length && offsets[next]! <= offset) next++;
      let pieceEnd = end;
      // Not over a large record, whose bytes are not needed yet.
      for (; next < offsets.length; next++) {
        const following = offsets[next]!;
        const reaches = Math.min(following + windowBytes, reader.byteLength);
        if (following > pieceEnd + windowBytes || reaches - offset > pieceBytes) break;
        pieceEnd = reaches;
      }
      start = offset;
      piece = await reader.read(offset, pieceEnd - offset);
    }
    return piece.subarray(offset - start, end - start);
  };
}
