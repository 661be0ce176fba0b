import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32, gunzipSync, gzipSync } from "node:zlib";
import { readImageFile } from "@voxplain/caps-io";
import { memoryFiles } from "@voxplain/core";
import { expect, it } from "vitest";
import { fuzz } from "./fuzz.ts";

function files(folder: string, ending: RegExp): readonly Uint8Array[] {
  const path = fileURLToPath(new URL(`../../packages/${folder}`, import.meta.url));
  const names = readdirSync(path).filter((name) => ending.test(name));
  return names.map((name) => new Uint8Array(readFileSync(`${path}/${name}`)));
}

const images = "caps-io/tests/fixtures";

const unpacked = files(images, /^(?!wide).*\.nii\.gz$/).map((bytes) => new Uint8Array(gunzipSync(bytes)));
const packed = unpacked.flatMap((bytes) => [
  new Uint8Array(gzipSync(bytes)),
  new Uint8Array(Buffer.concat([gzipSync(bytes.subarray(0, 300)), gzipSync(bytes.subarray(300))])),
]);

const read = (name: string) => (bytes: Uint8Array) =>
  readImageFile(memoryFiles(new Map([[name, bytes]])), name);

/** A PNG whose chunks have the checksums of what they hold, so that what is changed in them reaches the decoder. */
function withChecksums(png: Uint8Array): Uint8Array {
  const bytes = Buffer.from(png);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return new Uint8Array(bytes);
}

it.each<[string, readonly Uint8Array[], (bytes: Uint8Array) => unknown]>([
  ["NIfTI files", unpacked, read("image.nii")],
  ["compressed NIfTI files", packed, read("image.nii.gz")],
  [
    "NIfTI files, changed before they are compressed,",
    unpacked,
    (bytes) => read("image.nii.gz")(gzipSync(bytes)),
  ],
  ["arrays that numpy saved", files("core/tests/fixtures/npy", /\.npy$/), read("image.npy")],
  ["PNG files", files(`${images}/pictures`, /\.png$/), read("image.png")],
  [
    "PNG files with right checksums",
    files(`${images}/pictures`, /\.png$/),
    (bytes) => read("image.png")(withChecksums(bytes)),
  ],
  ["JPEG files", files(`${images}/pictures`, /\.jpg$/), read("image.jpg")],
])(
  "%s with any bytes changed are read or refused in words, within two seconds",
  async (_, good, reader) => {
    const report = await fuzz(good, reader);
    expect(report.foreign).toEqual([]);
    expect(report.slowest).toBeLessThan(2);
    expect(report.files).toBeGreaterThan(10);
    expect(report.refused).toBeGreaterThan(0);
  },
  2 ** 31 - 1,
);
