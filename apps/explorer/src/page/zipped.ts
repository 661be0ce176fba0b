import { Zip, ZipPassThrough } from "fflate";

/** Files in a .zip, uncompressed: maps are packed already. */
export async function zipped(files: ReadonlyMap<string, Uint8Array | Blob>): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const whole = new Promise<Uint8Array>((resolve, reject) => {
    const zip = new Zip((error, piece, isLast) => {
      if (error) return reject(error);
      pieces.push(piece as Uint8Array<ArrayBuffer>);
      if (isLast)
        void new Blob(pieces).arrayBuffer().then((buffer) => resolve(new Uint8Array(buffer)), reject);
    });
    const add = async () => {
      for (const [path, content] of files) {
        const file = new ZipPassThrough(path);
        zip.add(file);
        file.push(content instanceof Blob ? new Uint8Array(await content.arrayBuffer()) : content, true);
      }
      zip.end();
    };
    add().catch(reject);
  });
  return whole;
}
