import { VoxplainError } from "@voxplain/core";

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The format packs 258 bytes into 2 bits at best. */
const highestRatio = 1032;

/**
 * The first `length` bytes of what was compressed, or all where it is less. It stops there, so a
 * small file that unpacks without end does no harm. The checksum is verified where the content ends there.
 * @throws VoxplainError `invalid-file` naming the file when it is damaged.
 */
export async function gunzip(bytes: Uint8Array, length: number, name: string): Promise<Uint8Array> {
  const { content, beyond } = await unpack(bytes, length, name);
  if (beyond instanceof Error) throw damaged(name, beyond);
  return content;
}

/** As `gunzip`, of which the bytes may break off behind what is asked for. */
export async function gunzipStart(bytes: Uint8Array, length: number, name: string): Promise<Uint8Array> {
  return (await unpack(bytes, length, name)).content;
}

interface Unpacked {
  readonly content: Uint8Array;
  /** What was wrong behind the content. */
  readonly beyond?: Error;
}

async function unpack(bytes: Uint8Array, length: number, name: string): Promise<Unpacked> {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  // Failures of the writing side are met on the reading side.
  const written = writer.write(bytes as Uint8Array<ArrayBuffer>).then(() => writer.close());
  written.catch(() => {});
  const reader = readable.getReader();
  const content = new Uint8Array(Math.min(length, bytes.byteLength * highestRatio));
  let total = 0;
  try {
    while (total < length) {
      const { done, value } = await reader.read();
      if (done) return { content: content.subarray(0, total) };
      const part = value.subarray(0, content.length - total);
      content.set(part, total);
      total += part.byteLength;
      if (part.byteLength < value.byteLength) return { content };
    }
    const beyond = await reader.read().catch((error: unknown) => error);
    return beyond instanceof Error ? { content, beyond } : { content };
  } catch (cause) {
    throw damaged(name, cause);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function damaged(name: string, cause: unknown): VoxplainError {
  return new VoxplainError("invalid-file", `${name} is truncated or damaged: it cannot be decompressed`, {
    cause,
  });
}
