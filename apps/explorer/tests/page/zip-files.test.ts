import { memoryFiles, readText } from "@voxplain/core";
import { unzipSync, zipSync } from "fflate";
import { expect, it } from "vitest";
import { withZipsUnpacked } from "../../src/page/zip-files.ts";
import { zipped } from "../../src/page/zipped.ts";

const text = (content: string) => new TextEncoder().encode(content);
const given = (files: Readonly<Record<string, Uint8Array>>) =>
  memoryFiles(new Map(Object.entries(files)), "dropped");

it("a .zip alone is the folder that it holds, without what macOS adds", async () => {
  const zip = zipSync({
    "maps/maps.json": text("{}"),
    "__MACOSX/maps/._maps.json": text(""),
    "maps/split-0/a": text("a"),
  });
  const files = await withZipsUnpacked(given({ "model.zip": zip }));
  expect(files.name).toBe("model");
  expect(await files.list("")).toEqual([
    { name: "maps.json", kind: "file" },
    { name: "split-0", kind: "directory" },
  ]);
  expect(await readText(files, "split-0/a")).toBe("a");
});

it("a .zip among other files is a folder of its name beside them", async () => {
  const zip = zipSync({ "a.nii": text("image"), "b/c.nii": text("another") });
  const files = await withZipsUnpacked(given({ "images.zip": zip, "network.onnx": text("network") }));
  expect(await files.list("")).toEqual([
    { name: "network.onnx", kind: "file" },
    { name: "images", kind: "directory" },
  ]);
  expect((await files.list("images"))?.map(({ name }) => name)).toEqual(["a.nii", "b"]);
  expect(await readText(files, "images/b/c.nii")).toBe("another");
  expect(await readText(files, "network.onnx")).toBe("network");
  expect(await files.open("images/none")).toBeUndefined();
});

it("a .zip that is damaged is named, before anything of it is used", async () => {
  const zip = zipSync({ "a.nii": text("image") });
  await expect(withZipsUnpacked(given({ "half.zip": zip.subarray(0, 40) }))).rejects.toThrow(
    /^half\.zip: it cannot be unpacked: .*; unpack it yourself/,
  );
});

it("a .zip whose content is damaged says so when that is read", async () => {
  const zip = zipSync({ "a.nii": text("image ".repeat(1000)) });
  const at = 40;
  zip[at] = zip[at]! ^ 0xff;
  const files = await withZipsUnpacked(given({ "broken.zip": zip }));
  await expect(readText(files, "a.nii")).rejects.toThrow(/^broken\.zip: it cannot be unpacked/);
});

it("files without any .zip are what they were", async () => {
  const files = given({ "a.nii": text("image") });
  expect(await withZipsUnpacked(files)).toBe(files);
});

/** The size of the only file, in the directory at the end of the archive and in front of the file, is another. */
function withSize(zip: Uint8Array, size: number): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset);
  for (let at = 0; at + 4 <= zip.length; at++) {
    if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, size, true);
    if (view.getUint32(at, true) === 0x04034b50) view.setUint32(at + 22, size, true);
  }
  return zip;
}

it("a .zip that unpacks to more than it states, or to more than a page can hold, is not unpacked", async () => {
  const bomb = zipSync({ "zeros.nii": new Uint8Array(1_000_000) });
  const small = await withZipsUnpacked(given({ "bomb.zip": withSize(bomb.slice(), 100) }));
  await expect(readText(small, "zeros.nii")).rejects.toThrow(
    /^bomb\.zip: .* found Invalid uncompressed size/,
  );
  const large = await withZipsUnpacked(given({ "bomb.zip": await zip64("zeros.nii", 5e9) }));
  await expect(readText(large, "zeros.nii")).rejects.toThrow(/^bomb\.zip: .* found 5\.0 GB in zeros\.nii/);
});

/** An archive with a file that states a size beyond 32 bits. */
async function zip64(path: string, size: number): Promise<Uint8Array> {
  const { ZipWriter, Uint8ArrayReader, Uint8ArrayWriter } = await import("@zip.js/zip.js");
  const zip = new ZipWriter(new Uint8ArrayWriter(), { zip64: true });
  await zip.add(path, new Uint8ArrayReader(new Uint8Array(1000)));
  const bytes = await zip.close();
  // Sizes of 8 bytes are in extra fields: 1000 of them all.
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at + 8 <= bytes.length; at++)
    if (view.getBigUint64(at, true) === 1000n) view.setBigUint64(at, BigInt(size), true);
  return bytes;
}

it("files that are saved in a .zip are read by another program", async () => {
  const files = new Map<string, Uint8Array | Blob>([
    ["compare.json", text("{}")],
    ["job/map.nii.gz", new Blob([text("a map")])],
  ]);
  const found = unzipSync(await zipped(files));
  expect(Object.entries(found).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)])).toEqual([
    ["compare.json", "{}"],
    ["job/map.nii.gz", "a map"],
  ]);
});
