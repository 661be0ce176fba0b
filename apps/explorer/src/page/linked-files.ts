import { type FileSource, type RangeReader, VoxplainError } from "@voxplain/core";
import { fileTree, httpFiles } from "@voxplain/core/web";

/**
 * Files at addresses, as a link names them: relative to the page, or of a host that the page may fetch from.
 * @throws VoxplainError `unsupported` naming an address that the page's policy forbids.
 */
export function linkedFiles(page: Document, addresses: readonly string[]): FileSource {
  const hosts = permittedHosts(page);
  const opened = new Map<string, () => Promise<RangeReader>>();
  for (const address of addresses) {
    const url = new URL(address, page.baseURI);
    if (!hosts.includes(url.origin)) throw forbidden(url, hosts);
    const name = fileNameIn(url);
    if (name === "") throw new VoxplainError("invalid-argument", `the link names no file: ${url.href}`);
    const source = httpFiles(new URL(".", url), [name]);
    opened.set(name, async () => {
      const reader = await source.open(name);
      if (reader === undefined)
        throw new VoxplainError("not-found", "there is no such file", { file: url.href });
      return reader;
    });
  }
  const [first = "files"] = opened.keys();
  const name = opened.size === 1 ? first : `${opened.size} files`;
  return fileTree(name, opened.keys(), async (path) => opened.get(path)?.());
}

/** The last part of the path; "" for a folder. */
export function fileNameIn({ pathname }: URL): string {
  return decodeURIComponent(pathname.slice(pathname.lastIndexOf("/") + 1));
}

/** The hosts that the Content Security Policy of the page names, and its own. */
function permittedHosts(page: Document): readonly string[] {
  const policy =
    page.querySelector<HTMLMetaElement>('meta[http-equiv="Content-Security-Policy"]')?.content ?? "";
  const [, sources = ""] = /connect-src ([^;]*)/.exec(policy) ?? [];
  const named = sources.split(/\s+/).filter((source) => /^https?:\/\//.test(source));
  return [new URL(page.baseURI).origin, ...named.map((source) => new URL(source).origin)];
}

function forbidden(url: URL, hosts: readonly string[]): VoxplainError {
  return new VoxplainError("unsupported", "this page may not fetch from that host", {
    file: url.href,
    expected: `a file of ${hosts.join(" or ")}`,
    hint: "download the file and drop it here, or put it beside the page",
  });
}
