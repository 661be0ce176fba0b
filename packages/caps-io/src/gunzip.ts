import { VoxplainError } from "@voxplain/core";

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The first `length` bytes of what was compressed, or all where it is less. It stops there, so a
 * small file that unpacks without end does no harm.
 * @throws VoxplainError `invalid-file` naming the file when it is damaged before that.
 */
export async function gunzip(bytes: Uint8Array, length: number, name: string): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let total = 0;
  try {
    while (total < length) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      total += value.byteLength;
    }
  } catch (cause) {
    throw new VoxplainError("invalid-file", `${name} is damaged: it cannot be decompressed`, { cause });
  } finally {
    await reader.cancel().catch(() => {});
  }
  const content = new Uint8Array(Math.min(total, length));
  let at = 0;
  for (const part of parts) {
    content.set(part.subarray(0, content.length - at), at);
    at += part.byteLength;
  }
  return content;
}
