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

/** gzip by the browser's own compressor, which has no levels to choose from. */
export const gzipInBrowser: Gzip = async (bytes) => {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};
