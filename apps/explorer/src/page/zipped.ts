/** Files in a .zip, uncompressed: maps are packed already. */
export async function zipped(files: ReadonlyMap<string, Uint8Array | Blob>): Promise<Uint8Array> {
  // What writes it is loaded with the first of them.
  const { BlobReader, BlobWriter, configure, Uint8ArrayReader, ZipWriter } = await import("@zip.js/zip.js");
  configure({ useWebWorkers: false });
  const zip = new ZipWriter(new BlobWriter("application/zip"), { level: 0 });
  for (const [path, content] of files)
    await zip.add(path, content instanceof Blob ? new BlobReader(content) : new Uint8ArrayReader(content));
  return new Uint8Array(await (await zip.close()).arrayBuffer());
}
