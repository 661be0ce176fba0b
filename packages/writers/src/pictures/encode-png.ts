import { promisify } from "node:util";
import { deflate } from "node:zlib";
import { crc32 } from "@foxglove/crc";
import type { Canvas } from "@napi-rs/canvas";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const rgb = { depth: 8, kind: 2 } as const;
/** Each byte less the one above it. */
const up = 2;

const compressed = promisify(deflate);

/**
 * A PNG of a canvas without transparent pixels. With one filter and zlib's level 4 a figure takes a third of the canvas'
 * own time and about as many bytes. PNG specification (third edition), https://www.w3.org/TR/png-3/
 */
export async function encodePng(canvas: Canvas): Promise<Uint8Array> {
  const { width, height } = canvas;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([rgb.depth, rgb.kind], 8);
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const pixels = await compressed(filteredRows(data, width, height), { level: 4, memLevel: 9 });
  return Buffer.concat([
    Uint8Array.from(signature),
    ...chunk("IHDR", header),
    ...chunk("IDAT", pixels),
    ...chunk("IEND", new Uint8Array()),
  ]);
}

/** Rows of red, green and blue, each behind the number of its filter. */
function filteredRows(rgba: Uint8ClampedArray, width: number, height: number): Uint8Array {
  const rows = new Uint8Array(height * (1 + 3 * width));
  let to = 0;
  for (let row = 0; row < height; row++) {
    rows[to++] = up;
    const start = row * 4 * width;
    // Above the first row is nothing, which counts as 0.
    const [lift, share] = row === 0 ? [0, 0] : [4 * width, 1];
    for (let from = start; from < start + 4 * width; from += 4) {
      rows[to++] = rgba[from]! - share * rgba[from - lift]!;
      rows[to++] = rgba[from + 1]! - share * rgba[from + 1 - lift]!;
      rows[to++] = rgba[from + 2]! - share * rgba[from + 2 - lift]!;
    }
  }
  return rows;
}

/** Length, name, content and checksum of name and content. */
function chunk(name: string, content: Uint8Array): readonly Uint8Array[] {
  const named = Buffer.concat([Buffer.from(name), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(named));
  return [length, named, checksum];
}
