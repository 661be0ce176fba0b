import { VoxplainError } from "@voxplain/core";
import { type HuffmanTable, huffmanTable } from "./jpeg-bits.ts";
import type { Component, Scan } from "./jpeg-scan.ts";

/** What the frame header says of the picture. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly isProgressive: boolean;
  readonly units: readonly [number, number];
  readonly components: readonly Component[];
}

/** What markers have said so far. */
export interface JpegState {
  readonly quantizations: (Uint16Array | undefined)[];
  readonly dc: (HuffmanTable | undefined)[];
  readonly ac: (HuffmanTable | undefined)[];
  restart: number;
  /** The colour transform that Adobe's marker names. */
  adobe: number | undefined;
  isJfif: boolean;
  frame: Frame | undefined;
}

/** What is read, and what is called when it is malformed. */
export interface JpegFile {
  readonly name: string;
  readonly fileBytes: number;
  readonly mostValues: number;
  readonly refuse: (what: string) => never;
}

/** Frames of other kinds than baseline, extended and progressive, all of Huffman codes. T.81, table B.1. */
const otherFrames: Readonly<Record<number, string>> = {
  195: "lossless compression",
  197: "hierarchical frames",
  198: "hierarchical frames",
  199: "hierarchical frames",
  201: "arithmetic coding",
  202: "arithmetic coding",
  203: "lossless compression",
  205: "hierarchical frames",
  206: "hierarchical frames",
  207: "hierarchical frames",
};

/**
 * Reads what stands between two scans: tables, the frame header, and what decides the colours.
 * @throws VoxplainError `unsupported` for kinds of JPEG that cannot be read; calls `refuse` for what is damaged.
 */
export function readSegment(marker: number, segment: Uint8Array, state: JpegState, file: JpegFile): void {
  const { name, refuse } = file;
  const other = otherFrames[marker];
  if (other !== undefined) throw unsupported(name, other);
  const says = (text: string) => [...text].every((letter, k) => segment[k] === letter.charCodeAt(0));
  if (marker === 0xc0 || marker === 0xc1 || marker === 0xc2) {
    if (state.frame !== undefined) refuse("it has two frames");
    state.frame = frameOf(marker, segment, file);
  } else if (marker === 0xc4) readHuffman(segment, state, refuse);
  else if (marker === 0xdb) readQuantization(segment, state, refuse);
  else if (marker === 0xdd) state.restart = restartOf(segment, refuse);
  else if (marker === 0xe0 && says("JFIF\0")) state.isJfif = true;
  else if (marker === 0xee && says("Adobe") && segment.length >= 12) state.adobe = segment[11];
  else if (marker === 0xdc) throw unsupported(name, "a height that stands behind the picture");
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** T.81, B.2.4.4. */
function restartOf(segment: Uint8Array, refuse: (what: string) => never): number {
  return segment.length === 2 ? viewOf(segment).getUint16(0) : refuse("its restart interval does not fit");
}

/** T.81, B.2.2. */
function frameOf(
  marker: number,
  segment: Uint8Array,
  { name, fileBytes, mostValues, refuse }: JpegFile,
): Frame {
  const count = segment[5] ?? 0;
  if (segment.length !== 6 + 3 * count || count === 0) return refuse("its frame header does not fit");
  const view = viewOf(segment);
  const [precision, height, width] = [view.getUint8(0), view.getUint16(1), view.getUint16(3)];
  if (precision !== 8) throw unsupported(name, `${precision} bits for each value`);
  if (width === 0) return refuse("it has no columns");
  if (height === 0) throw unsupported(name, "a height that stands behind the picture");
  if (count === 4) throw unsupported(name, "colours of print (CMYK)");
  if (count !== 1 && count !== 3) throw unsupported(name, `${count} colours`);
  const parts = Array.from({ length: count }, (_, k) => {
    const factors = view.getUint8(7 + 3 * k);
    const [id, quantization] = [view.getUint8(6 + 3 * k), view.getUint8(8 + 3 * k)];
    return { id, h: factors >> 4, v: factors & 15, quantization };
  });
  if (parts.some(({ h, v }) => h < 1 || h > 4 || v < 1 || v > 4))
    return refuse("its sampling factors are wrong");
  const [mostH, mostV] = mostOf(parts);
  if (parts.some(({ h, v }) => mostH % h !== 0 || mostV % v !== 0)) {
    throw unsupported(name, "colours that are sampled at fractions of a pixel");
  }
  const units = [Math.ceil(width / (8 * mostH)), Math.ceil(height / (8 * mostV))] as const;
  const blocks = parts.reduce((sum, { h, v }) => sum + h * v, 0) * units[0] * units[1];
  // A block takes a bit at least.
  if (blocks > 8 * fileBytes || count * width * height > mostValues) {
    return refuse(`it claims ${width}×${height} pixels, which its ${fileBytes} bytes cannot hold`);
  }
  const components = parts.map(
    ({ h, v, ...part }): Component => ({
      ...{ ...part, h, v },
      width: Math.ceil((width * h) / (8 * mostH)),
      height: Math.ceil((height * v) / (8 * mostV)),
      stride: units[0] * h,
      coefficients: new Int16Array(64 * units[0] * h * units[1] * v),
      lowestBit: new Uint8Array(64).fill(16),
    }),
  );
  return { width, height, isProgressive: marker === 0xc2, units, components };
}

/** The most samples that a component has along x and y. */
export function mostOf(
  parts: readonly { readonly h: number; readonly v: number }[],
): readonly [number, number] {
  return [Math.max(...parts.map(({ h }) => h)), Math.max(...parts.map(({ v }) => v))];
}

/** The upper and the lower half of a byte. */
function nibbles(byte: number): readonly [number, number] {
  return [byte >> 4, byte & 15];
}

/** T.81, B.2.4.2. */
function readHuffman(segment: Uint8Array, { dc, ac }: JpegState, refuse: (what: string) => never): void {
  const view = viewOf(segment);
  for (let at = 0; at < segment.length; ) {
    const [kind, slot] = nibbles(view.getUint8(at));
    const counts = segment.subarray(at + 1, at + 17);
    const count = counts.reduce((sum, length) => sum + length, 0);
    const symbols = segment.subarray(at + 17, at + 17 + count);
    const table =
      symbols.length === count && slot < 4 && kind < 2 ? huffmanTable(counts, symbols) : undefined;
    if (table === undefined) refuse("a Huffman table is wrong");
    (kind === 0 ? dc : ac)[slot] = table;
    at += 17 + count;
  }
}

/** T.81, B.2.4.1. */
function readQuantization(
  segment: Uint8Array,
  { quantizations }: JpegState,
  refuse: (what: string) => never,
): void {
  const view = viewOf(segment);
  for (let at = 0; at < segment.length; ) {
    const [size, slot] = nibbles(view.getUint8(at));
    const from = at + 1;
    at = from + 64 * (size + 1);
    if (size > 1 || slot > 3 || at > segment.length) refuse("a quantization table is wrong");
    quantizations[slot] = Uint16Array.from({ length: 64 }, (_, k) =>
      size === 0 ? view.getUint8(from + k) : view.getUint16(from + 2 * k),
    );
  }
}

/** T.81, B.2.3; for each coefficient, its bits are given from the highest down. @throws RangeError */
export function scanOf(segment: Uint8Array, { frame, dc, ac, restart, quantizations }: JpegState): Scan {
  const count = segment[0] ?? 0;
  if (frame === undefined || count < 1 || count > 4 || segment.length !== 4 + 2 * count) {
    throw new RangeError("a scan header does not fit");
  }
  const view = viewOf(segment);
  const components = Array.from({ length: count }, (_, k) => {
    const id = view.getUint8(1 + 2 * k);
    const [dcSlot, acSlot] = nibbles(view.getUint8(2 + 2 * k));
    const component = frame.components.find((one) => one.id === id);
    if (component === undefined) throw new RangeError("a scan is of an unknown colour component");
    return { component, dc: dc[dcSlot], ac: ac[acSlot] };
  });
  const { isProgressive, units } = frame;
  const [high, low] = nibbles(view.getUint8(3 + 2 * count));
  const scan = isProgressive
    ? { from: view.getUint8(1 + 2 * count), to: view.getUint8(2 + 2 * count), high, low }
    : { from: 0, to: 63, high: 0, low: 0 };
  const isDc = scan.from === 0 && (!isProgressive || scan.to === 0);
  if (!isDc && (!isProgressive || scan.from > scan.to || scan.from === 0 || scan.to > 63 || count > 1)) {
    throw new RangeError("a scan header is wrong");
  }
  for (const { component } of components) {
    component.steps ??= quantizations[component.quantization];
    if (component.steps === undefined) throw new RangeError("a quantization table is missing");
    const lowest = component.lowestBit.subarray(scan.from, scan.to + 1);
    for (const before of lowest) {
      const follows =
        before === 16 ? scan.high === 0 && scan.low <= 13 : scan.high === before && scan.low === before - 1;
      if (!follows) throw new RangeError("its scans do not follow each other");
    }
    lowest.fill(scan.low);
  }
  return { components, ...scan, isProgressive, restart, units };
}

function unsupported(name: string, what: string): VoxplainError {
  return new VoxplainError("unsupported", `a JPEG of ${what} cannot be read`, {
    file: name,
    hint: "save it as a PNG, or as a JPEG of red, green and blue",
  });
}
