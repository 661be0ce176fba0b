import { nextTask } from "../abort.ts";
import type { FileSink, Gzip } from "../files.ts";
import { joinPath } from "../files.ts";

/** Offers each file that is written as a download, under the last part of its path. */
export function downloads(page: Document = document): FileSink {
  return {
    name: "downloads",
    async write(path, content) {
      const parts: Uint8Array[] = [];
      if (content instanceof Uint8Array) parts.push(content);
      else for await (const piece of content) parts.push(piece);
      const link = page.createElement("a");
      link.href = URL.createObjectURL(new Blob(parts as Uint8Array<ArrayBuffer>[]));
      link.download = joinPath(path).split("/").at(-1)!;
      link.click();
      // The browser has taken it by then; before, a download could come to nothing.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
  };
}

/** Bytes that are compressed before the page may answer its user, some 15 ms long. */
const pieceBytes = 2 ** 18;

/** gzip by the browser's own compressor, which has no levels to choose from, and works in the thread that asks it. */
export const gzipInBrowser: Gzip = async (bytes) => {
  const { readable, writable } = new CompressionStream("gzip");
  const write = async () => {
    const writer = writable.getWriter();
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      await writer.write(bytes.subarray(at, at + pieceBytes) as Uint8Array<ArrayBuffer>);
      await nextTask();
    }
    await writer.close();
  };
  const [packed] = await Promise.all([new Response(readable).arrayBuffer(), write()]);
  return new Uint8Array(packed);
};
