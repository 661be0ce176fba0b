import { memoryFiles, readText } from "@voxplain/core";
import { zipSync } from "fflate";
import { expect, it } from "vitest";
import { withZipsUnpacked } from "../../src/page/zip-files.ts";

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
