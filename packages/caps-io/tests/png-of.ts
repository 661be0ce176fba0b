import { crc32, deflateSync } from "node:zlib";

/** What a PNG is made of. */
export interface PngContent {
  readonly width: number;
  readonly height: number;
  /** Bits of a value: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly kind: number;
  readonly isInterlaced?: boolean;
  /** Chunks before the pixels. */
  readonly chunks?: readonly Uint8Array[];
  /** The stored value of a pixel. */
  readonly value: (x: number, y: number, sample: number) => number;
}

const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function pngChunk(type: string, content: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(type), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}

/** The bytes of a PNG, with every filter in turn, and its pixels in three chunks. */
export function pngOf({ width, height, depth, kind, isInterlaced, chunks = [], value }: PngContent): Buffer {
  const samples = samplesOf[kind]!;
  const starts = isInterlaced ? ["0088", "4088", "0448", "2044", "0224", "1022", "0112"] : ["0011"];
  const rows = starts.flatMap((pass) => {
    const [fromX = 0, fromY = 0, stepX = 1, stepY = 1] = [...pass].map(Number);
    const columns = range(fromX, width, stepX);
    if (columns.length === 0) return [];
    let above: Buffer = Buffer.alloc(Math.ceil((columns.length * samples * depth) / 8));
    return range(fromY, height, stepY).map((y, k) => {
      const row = packed(
        columns.flatMap((x) => range(0, samples, 1).map((sample) => value(x, y, sample))),
        depth,
      );
      const filtered = filter(k % 5, row, above, Math.max(1, (samples * depth) / 8));
      above = row;
      return filtered;
    });
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([depth, kind, 0, 0, isInterlaced ? 1 : 0], 8);
  const data = deflateSync(Buffer.concat(rows));
  const third = Math.ceil(data.length / 3);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk("IHDR", header),
    ...chunks,
    ...[0, 1, 2].map((k) => pngChunk("IDAT", data.subarray(k * third, (k + 1) * third))),
    pngChunk("IEND", new Uint8Array()),
  ]);
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, k) => from + k * step);
}

function packed(values: readonly number[], depth: number): Buffer {
  const bits = values.map((value) => value.toString(2).padStart(depth, "0")).join("");
  const bytes = bits.match(/.{1,8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2)));
}

function filter(kind: number, row: Buffer, above: Buffer, pixelBytes: number): Buffer {
  const filtered = row.map((byte, k) => {
    const left = row[k - pixelBytes] ?? 0;
    const corner = above[k - pixelBytes] ?? 0;
    const up = above[k]!;
    const nearest = [left, up, corner].toSorted(
      (a, b) => Math.abs(left + up - corner - a) - Math.abs(left + up - corner - b),
    );
    return byte - [0, left, up, (left + up) >> 1, nearest[0]!][kind]!;
  });
  return Buffer.concat([Buffer.from([kind]), filtered]);
}
