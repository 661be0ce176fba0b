import { crc32 } from "@foxglove/crc";
import { VoxplainError } from "@voxplain/core";
import type { DecodedPicture } from "./decoded-picture.ts";
import { inflateParts } from "./inflate-parts.ts";
import { type PngLayout, readPixels, rowsLength, unfilterRows } from "./png-pixels.ts";

/** The five kinds of pixels, by their number in the header: values of a pixel, and bits that a value may have. */
const kinds: Readonly<Record<number, { readonly samples: number; readonly depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

const palette = 3;

/** Chunks that are read. Colour profiles, gamma and resolution are ignored. */
const read = ["IHDR", "PLTE", "tRNS", "IDAT"];

interface Chunks {
  readonly header: Uint8Array;
  readonly colours: Uint8Array;
  /** Opacity of each colour of a palette. */
  readonly opacities: Uint8Array;
  readonly data: readonly Uint8Array[];
}

/**
 * The values that are stored, as Pillow gives them, without colour management: grey of 2 and 4 bits is spread to 0–255 and
 * of 1 bit is 0 and 1; 16 bits are 0–65535; of a palette its colours, with an alpha channel where it has opacities.
 * PNG specification (third edition), https://www.w3.org/TR/png-3/
 * @throws VoxplainError `invalid-file` naming the file, also where it claims more values than `mostValues`.
 */
export async function decodePng(
  bytes: Uint8Array,
  name: string,
  mostValues: number,
): Promise<DecodedPicture> {
  const refuse = (what: string): never => {
    throw new VoxplainError("invalid-file", `the PNG is damaged: ${what}`, { file: name });
  };
  const { header, colours, opacities, data } = chunksOf(bytes, refuse);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length !== 13) return refuse("its header does not fit");
  const [width, height, depth, kind] = [
    view.getUint32(0),
    view.getUint32(4),
    view.getUint8(8),
    view.getUint8(9),
  ];
  const { samples, depths } = kinds[kind] ?? { samples: 0, depths: [] };
  if (!depths.includes(depth) || header[10] !== 0 || header[11] !== 0 || view.getUint8(12) > 1) {
    return refuse("its header names what no PNG has");
  }
  if (width === 0 || height === 0) return refuse(`it has ${width}×${height} pixels`);
  const isPalette = kind === palette;
  if (isPalette && (colours.length === 0 || colours.length % 3 !== 0))
    return refuse("its palette is missing or damaged");
  const channels = isPalette ? (opacities.length > 0 ? 4 : 3) : samples;
  const size = width * height;
  if (channels * size > mostValues)
    return refuse(`it claims ${width}×${height} pixels, which no picture has`);
  const layout: PngLayout = { width, height, depth, samples, isInterlaced: view.getUint8(12) === 1 };
  const rows = await inflateParts(data, rowsLength(layout), (what) =>
    refuse(`${what} for ${width}×${height} pixels`),
  );
  try {
    unfilterRows(rows, layout);
    if (isPalette) readPixels(rows, layout, (value) => checkColour(value, colours.length / 3));
  } catch (error) {
    if (error instanceof RangeError) return refuse(error.message);
    throw error;
  }
  // What is damaged was found by now: nothing is taken in vain.
  const values = new Float32Array(channels * size);
  const factor = depth === 2 ? 85 : depth === 4 ? 17 : 1;
  readPixels(rows, layout, (value, pixel, sample) => {
    if (!isPalette) {
      values[sample * size + pixel] = value * factor;
      return;
    }
    for (let c = 0; c < 3; c++) values[c * size + pixel] = colours[3 * value + c]!;
    if (channels === 4) values[3 * size + pixel] = opacities[value] ?? 255;
  });
  return { width, height, values, most: depth === 16 ? 65535 : depth === 1 && !isPalette ? 1 : 255 };
}

function checkColour(index: number, count: number): void {
  if (index >= count) throw new RangeError(`it uses colour ${index}, which its palette does not have`);
}

/** PNG specification, 5.3. What cannot be passed over by whoever does not know it has a capital letter in front. */
function chunksOf(bytes: Uint8Array, refuse: (what: string) => never): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const none: Uint8Array = new Uint8Array();
  const found = { header: none, colours: none, opacities: none, data: [] as Uint8Array[] };
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (end + 4 > bytes.length) return refuse("it ends early");
    if (at === 8 && type !== "IHDR") return refuse("its header is not in front");
    const isKnown = read.includes(type);
    if (!isKnown && type !== "IEND" && /^[A-Z]/.test(type))
      return refuse(`it needs "${type}", which is not known`);
    if (isKnown && crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      return refuse(`the checksum of its ${type} is wrong`);
    }
    const content = bytes.subarray(at + 8, end);
    if (type === "IEND") break;
    if (type === "IHDR") found.header = content;
    if (type === "PLTE") found.colours = content;
    if (type === "tRNS") found.opacities = content;
    if (type === "IDAT") found.data.push(content);
    at = end + 4;
  }
  return found;
}
