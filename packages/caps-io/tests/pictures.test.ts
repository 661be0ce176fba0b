import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { type ImageFile, readImageFile } from "@voxplain/caps-io";
import { isVoxplainError, memoryFiles } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { type PngContent, pngChunk, pngOf } from "./png-of.ts";

const fixture = (name: string) => readFileSync(new URL(`fixtures/pictures/${name}`, import.meta.url));

async function read(bytes: Uint8Array, name = "scan.png"): Promise<ImageFile> {
  return readImageFile(memoryFiles(new Map([[name, new Uint8Array(bytes)]])), name);
}

/** Values that a hash makes, up to what the depth holds. */
const values = (depth: number) => (x: number, y: number, sample: number) =>
  ((x * 7919 + y * 104_729 + sample * 1_299_709 + 12_345) * 2_654_435) % 2 ** depth;

const picture = (kind: number, depth: number): PngContent => ({
  ...{ width: 13, height: 11, kind, depth },
  value: values(depth),
});

/** [C, H, W] of what was stored. */
function stored({ width, height, value }: PngContent, channels: number): number[] {
  return Array.from({ length: channels * width * height }, (_, k) =>
    value(k % width, Math.floor(k / width) % height, Math.floor(k / (width * height))),
  );
}

const uint32 = (...numbers: number[]) => {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [k, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * k);
  return bytes;
};

describe("a PNG gives the values that are stored:", () => {
  const kinds = [
    [0, [1, 2, 4, 8, 16], "L"],
    [2, [8, 16], "RGB"],
    [4, [8, 16], "LA"],
    [6, [8, 16], "RGBA"],
  ] as const;
  const all = kinds.flatMap(([kind, depths, mode]) =>
    depths.flatMap((depth) => [false, true].map((isInterlaced) => ({ kind, depth, mode, isInterlaced }))),
  );

  it.each(all)(
    "$mode of $depth bits, interlaced: $isInterlaced",
    async ({ kind, depth, mode, isInterlaced }) => {
      const content = { ...picture(kind, depth), isInterlaced };
      const { values, picture: found } = await read(pngOf(content));
      expect(values.dims).toEqual([mode.length, 11, 13]);
      // Pillow spreads grey of 2 and 4 bits to 0–255.
      const factor = { 2: 85, 4: 17 }[depth as number] ?? 1;
      expect([...values.data]).toEqual(stored(content, mode.length).map((value) => value * factor));
      expect(found).toMatchObject({ mode, most: { 1: 1, 16: 65535 }[depth as number] ?? 255 });
    },
  );

  it.each([1, 2, 4, 8])(
    "colours of a palette of %i bits, with opacities where it has them",
    async (depth) => {
      const colours = Buffer.from(Array.from({ length: 3 * 2 ** depth }, (_, k) => (k * 89 + 7) % 256));
      const opacities = Buffer.from([10]);
      const content = picture(3, depth);
      const indices = stored(content, 1);
      const expected = [0, 1, 2].flatMap((c) => indices.map((index) => colours[3 * index + c]));
      for (const isInterlaced of [false, true]) {
        const palette = [pngChunk("PLTE", colours)];
        const opaque = await read(pngOf({ ...content, isInterlaced, chunks: palette }));
        expect(opaque.values.dims).toEqual([3, 11, 13]);
        expect([...opaque.values.data]).toEqual(expected);
        const chunks = [...palette, pngChunk("tRNS", opacities)];
        const some = await read(pngOf({ ...content, isInterlaced, chunks }));
        expect(some.values.dims).toEqual([4, 11, 13]);
        expect([...some.values.data]).toEqual([
          ...expected,
          ...indices.map((index) => (index === 0 ? 10 : 255)),
        ]);
        expect(some.picture?.transparent).toBe(indices.filter((index) => index === 0).length);
      }
    },
  );

  it.each([
    ["gamma", [pngChunk("gAMA", uint32(45_455))]],
    [
      "gamma 1 and the colours of its primaries",
      [
        pngChunk("gAMA", uint32(100_000)),
        pngChunk("cHRM", uint32(31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)),
      ],
    ],
    ["sRGB", [pngChunk("sRGB", Buffer.of(0))]],
    [
      "an ICC profile",
      [pngChunk("iCCP", Buffer.concat([Buffer.from("linear\0\0"), deflateSync(Buffer.alloc(200))]))],
    ],
    ["a colour that is transparent", [pngChunk("tRNS", Buffer.alloc(6))]],
    ["significant bits", [pngChunk("sBIT", Buffer.of(5, 6, 5))]],
  ])("whatever it says of %s", async (_, chunks) => {
    const content = picture(2, 8);
    const { values, picture: found } = await read(pngOf({ ...content, chunks }));
    expect([...values.data]).toEqual(stored(content, 3));
    expect(found?.transparent).toBe(0);
  });

  it("an opacity of 16 bits is full at 65535 only", async () => {
    const value = (x: number, _: number, sample: number) => (sample === 0 ? 700 : x === 0 ? 65_534 : 65_535);
    const { picture: found } = await read(pngOf({ ...picture(4, 16), value }));
    expect(found?.transparent).toBe(11);
  });
});

describe("a JPEG gives the values that Pillow decodes, to the last bit:", () => {
  it.each([
    ["baseline", "chroma at half the size, restart markers"],
    ["progressive", "the same, progressive"],
    ["half-width", "chroma at half the width"],
    ["half-height", "chroma at half the height"],
    ["quarter-width", "chroma at a quarter of the width"],
    ["mixed", "three components of three sizes"],
    ["narrow", "chroma two samples wide"],
    ["grey", "one component"],
    ["rgb", "red, green and blue, as Adobe's marker says"],
    ["profile", "an ICC profile"],
    ["orientation", "an orientation in EXIF, which is not applied"],
  ])("%s.jpg, of %s", async (name) => {
    const decoded = await read(fixture(`${name}.jpg`), "scan.jpg");
    const expected = await read(fixture(`${name}.png`));
    expect({ ...decoded, name: expected.name }).toEqual(expected);
  });

  it.each([
    ["cmyk", "scan.jpeg: a JPEG of colours of print (CMYK) cannot be read"],
    ["arithmetic", "scan.jpeg: a JPEG of arithmetic coding cannot be read"],
  ])("%s.jpg is refused by name", async (name, message) => {
    const failure = await read(fixture(`${name}.jpg`), "scan.jpeg").catch((error: unknown) => error);
    expect(isVoxplainError(failure, "unsupported"), String(failure)).toBe(true);
    expect(String(failure)).toContain(message);
  });
});

describe("a damaged picture is refused in words:", () => {
  it.each(["baseline.jpg", "progressive.jpg", "baseline.png"])("%s, wherever it ends", async (name) => {
    const whole = fixture(name);
    // What follows the pixels says nothing: PNG's IEND, and of a baseline JPEG the marker of its end.
    const needed = whole.length - (name.endsWith(".png") ? 12 : 2);
    for (let length = 0; length < needed; length += 3) {
      const failure = await read(whole.subarray(0, length), name).catch((error: unknown) => error);
      expect(isVoxplainError(failure, "invalid-file"), `${length} bytes: ${failure}`).toBe(true);
      expect(String(failure)).toContain(name);
    }
  });

  it("a PNG of which one bit was flipped, by its checksums", async () => {
    const whole = fixture("narrow.png");
    for (let bit = 8 * 8; bit < 8 * (whole.length - 12); bit++) {
      const flipped = new Uint8Array(whole);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const failure = await read(flipped).catch((error: unknown) => error);
      expect(isVoxplainError(failure, "invalid-file"), `bit ${bit}: ${failure}`).toBe(true);
    }
  });

  const sized = (bytes: Buffer, at: number, length: number) => {
    const changed = Buffer.from(bytes);
    for (const k of [0, 1]) {
      if (length === 2) changed.writeUInt16BE(60_000, at + 2 * k);
      else changed.writeUInt32BE(60_000, at + 4 * k);
    }
    return changed;
  };

  it("a size that the bytes cannot hold, before memory is taken for it", async () => {
    const png = pngOf(picture(2, 8));
    const header = sized(png, 16, 4).subarray(16, 29);
    const claimed = Buffer.concat([png.subarray(0, 8), pngChunk("IHDR", header), png.subarray(33)]);
    const jpeg = fixture("baseline.jpg");
    const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
    const before = process.memoryUsage().arrayBuffers;
    await expect(read(claimed)).rejects.toThrow(
      /scan\.png: the PNG is damaged: it claims 60000×60000 pixels/,
    );
    await expect(read(sized(jpeg, frame + 5, 2), "scan.jpg")).rejects.toThrow(
      `scan.jpg: the JPEG is damaged: it claims 60000×60000 pixels, which its ${jpeg.length} bytes cannot hold`,
    );
    const wide = pngOf({ ...picture(0, 8), width: 1, height: 1 });
    const long = Buffer.from(wide.subarray(16, 29));
    long.writeUInt32BE(9000);
    long.writeUInt32BE(9000, 4);
    const empty = Buffer.concat([wide.subarray(0, 8), pngChunk("IHDR", long), wide.subarray(33)]);
    await expect(read(empty)).rejects.toThrow(/bytes of data are too few for 9000×9000 pixels/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });

  it("an unknown filter, before memory is taken for the values of 64 MB of pixels", async () => {
    const side = 4096;
    const rows = Buffer.alloc(side * (1 + 4 * side));
    rows[(side - 1) * (1 + 4 * side)] = 9;
    const bytes = Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      pngChunk("IHDR", Buffer.concat([uint32(side, side), Buffer.of(8, 6, 0, 0, 0)])),
      pngChunk("IDAT", deflateSync(rows, { level: 1 })),
      pngChunk("IEND", new Uint8Array()),
    ]);
    const before = process.memoryUsage().arrayBuffers;
    await expect(read(bytes)).rejects.toThrow("scan.png: the PNG is damaged");
    // 64 MB and twice what is unpacked; the values alone would take four times that.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26 + 2 * rows.length);
  });

  it.each([
    [
      "an SVG, which could refer to other files",
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      /it is not a PNG or JPEG/,
    ],
    ["nothing", "", /it is not a PNG or JPEG/],
    [
      "a colour that its palette does not have",
      pngOf({ ...picture(3, 8), chunks: [pngChunk("PLTE", Buffer.alloc(3))] }),
      /it uses colour \d+/,
    ],
    ["no palette", pngOf(picture(3, 8)), /its palette is missing/],
    [
      "an unknown chunk that counts",
      pngOf({ ...picture(0, 8), chunks: [pngChunk("CgBI", Buffer.alloc(4))] }),
      /it needs "CgBI"/,
    ],
  ])("%s", async (_, content, message) => {
    await expect(read(Buffer.from(content))).rejects.toThrow(message);
  });
});
