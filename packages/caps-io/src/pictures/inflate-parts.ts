/** The format packs 258 bytes into 2 bits at best. */
const highestRatio = 1032;

/**
 * Unpacks a zlib stream that is stored in parts, of which the length is known. Its checksum is verified.
 * @param refuse - Called with what is wrong: the stream is damaged, or not of this length.
 */
export async function inflateParts(
  parts: readonly Uint8Array[],
  length: number,
  refuse: (what: string) => never,
): Promise<Uint8Array> {
  const packed = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > packed * highestRatio) return refuse(`its ${packed} bytes of data are too few`);
  const zlib = await import("../zlib.ts");
  const { Z_BUF_ERROR, Z_NO_FLUSH, Z_OK, Z_STREAM_END } = zlib;
  const content = new Uint8Array(length);
  const stream = Object.assign(new zlib.ZStream(), { output: content, next_out: 0, avail_out: length });
  zlib.zlibInflateInit2(stream, 15);
  let status: number = Z_OK;
  for (const part of parts) {
    Object.assign(stream, { input: part, next_in: 0, avail_in: part.length });
    if (status === Z_OK || status === Z_BUF_ERROR) status = zlib.zlibInflate(stream, Z_NO_FLUSH);
  }
  if (stream.avail_out > 0)
    return refuse(status < 0 && status !== Z_BUF_ERROR ? "its data are damaged" : "its data end early");
  if (status !== Z_STREAM_END) return refuse("its data are damaged, or too many");
  return content;
}
