import { memoryFor, VoxplainError } from "@voxplain/core";

export function isGzip(bytes: Uint8Array): boolean {
  return isMember(bytes, 0);
}

/** The format packs 258 bytes into 2 bits at best. */
const highestRatio = 1032;

/** What follows the wanted bytes in their member is unpacked to reach its checksum: this much more than they are. */
const mostBeyond = 2 ** 24;

/** zlib's number for a header of gzip and a window of 32 kB. */
const gzipWindow = 16 + 15;

/**
 * The first `length` bytes of what was compressed, or all where it is less. Members may follow one another
 * (RFC 1952, BGZF), with zeros between them. What follows the member in which the wanted bytes end is not looked at,
 * nor is what follows any member and is none. Checksum and length of every member that is read are verified.
 * @throws VoxplainError `invalid-file` naming the file when it is damaged, unpacks without end or does not fit into memory.
 */
export async function gunzip(bytes: Uint8Array, length: number, name: string): Promise<Uint8Array> {
  return unpack(bytes, length, name, true);
}

/** As `gunzip`, of bytes that may break off behind what is asked for: no checksum is looked for. */
export async function gunzipStart(bytes: Uint8Array, length: number, name: string): Promise<Uint8Array> {
  return unpack(bytes, length, name, false);
}

/** By zlib in JavaScript: platforms differ in what they make of several members and of bytes behind them. */
async function unpack(bytes: Uint8Array, length: number, name: string, isWhole: boolean) {
  const zlib = await import("../zlib.ts");
  const { Z_BUF_ERROR, Z_NO_FLUSH, Z_OK, Z_STREAM_END } = zlib;
  const content = new Uint8Array(memoryFor(Math.min(length, bytes.byteLength * highestRatio), name));
  const stream = Object.assign(new zlib.ZStream(), {
    ...{ input: bytes, next_in: 0, avail_in: bytes.byteLength },
    ...{ output: content, next_out: 0, avail_out: content.byteLength },
  });
  zlib.zlibInflateInit2(stream, gzipWindow);
  const finishMember = () => {
    const spare = new Uint8Array(2 ** 16);
    for (let beyond = 0; beyond < length + mostBeyond; beyond += spare.byteLength) {
      Object.assign(stream, { output: spare, next_out: 0, avail_out: spare.byteLength });
      const status = zlib.zlibInflate(stream, Z_NO_FLUSH);
      if (status !== Z_OK || stream.avail_out > 0) return status;
    }
    throw new VoxplainError(
      "invalid-file",
      `it is damaged, or not an image: it continues far beyond the ${length} bytes that its header declares`,
      { file: name },
    );
  };
  for (let total = 0; ; ) {
    let status = zlib.zlibInflate(stream, Z_NO_FLUSH);
    total = stream.next_out;
    const isFull = total === content.byteLength;
    if (isFull && !isWhole) return content;
    if (isFull && (status === Z_OK || status === Z_BUF_ERROR)) status = finishMember();
    if (status !== Z_STREAM_END) throw damaged(name, stream.msg);
    while (stream.avail_in > 0 && bytes[stream.next_in] === 0) {
      stream.next_in++;
      stream.avail_in--;
    }
    if (isFull || !isMember(bytes, stream.next_in)) return content.subarray(0, total);
    zlib.zlibInflateReset(stream);
  }
}

function isMember(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x1f && bytes[at + 1] === 0x8b;
}

function damaged(name: string, reason: string): VoxplainError {
  return new VoxplainError("invalid-file", "it is truncated or damaged: it cannot be decompressed", {
    file: name,
    cause: reason === "" ? undefined : new Error(reason),
  });
}
