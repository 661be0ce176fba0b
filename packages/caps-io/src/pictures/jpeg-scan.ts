import { type BitReader, bitReader, type HuffmanTable } from "./jpeg-bits.ts";

/** A component of the picture: its blocks of 8×8 coefficients, in zigzag order. */
export interface Component {
  readonly id: number;
  /** How often it is sampled along x and y, beside the other components. */
  readonly h: number;
  readonly v: number;
  readonly quantization: number;
  /** The table of that number when its first scan began. */
  steps?: Uint16Array | undefined;
  /** Blocks that hold a part of the picture, along x and y. */
  readonly width: number;
  readonly height: number;
  /** Blocks in a row of `coefficients`: rows are filled up to whole units of all components. */
  readonly stride: number;
  readonly coefficients: Int16Array;
  /** The lowest known bit of each coefficient; 16 before any. */
  readonly lowestBit: Uint8Array;
}

/** One component of a scan, with its tables. */
export interface ScanComponent {
  readonly component: Component;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
}

/** What a scan says of itself. T.81, B.2.3. */
export interface Scan {
  readonly components: readonly ScanComponent[];
  /** First and last coefficient; the bits before it, and the lowest bit that it knows. */
  readonly from: number;
  readonly to: number;
  readonly high: number;
  readonly low: number;
  readonly isProgressive: boolean;
  /** Units between restarts; 0 for none. */
  readonly restart: number;
  /** Units along x and y of a scan of several components. */
  readonly units: readonly [number, number];
}

/** Reads one block at a place in the coefficients. */
type BlockReader = (bits: BitReader, part: ScanComponent, index: number, at: number) => void;

/**
 * Reads the coefficients of a scan that starts at a place; gives the place of the marker behind it.
 * @throws RangeError saying what is wrong with its data.
 */
export function readScan(bytes: Uint8Array, start: number, scan: Scan): number {
  const bits = bitReader(bytes, start);
  const state = { predictions: [0, 0, 0, 0], run: 0 };
  const readBlock = blockReader(scan, state);
  const [single] = scan.components;
  const isSingle = scan.components.length === 1 && single !== undefined;
  const [across, down] = isSingle ? [single.component.width, single.component.height] : scan.units;
  let restarts = 0;
  for (let unit = 0; unit < across * down; unit++) {
    if (scan.restart > 0 && unit > 0 && unit % scan.restart === 0) {
      const place = bits.marker();
      if (bytes[place + 1] !== 0xd0 + (restarts++ % 8)) throw new RangeError("a restart marker is missing");
      bits.continueAt(place + 2);
      state.predictions.fill(0);
      state.run = 0;
    }
    const x = unit % across;
    const y = (unit - x) / across;
    if (isSingle) {
      readBlock(bits, single, 0, 64 * (y * single.component.stride + x));
      continue;
    }
    for (const [index, part] of scan.components.entries()) {
      const { h, v, stride } = part.component;
      for (let k = 0; k < h * v; k++) {
        const block = (y * v + Math.floor(k / h)) * stride + x * h + (k % h);
        readBlock(bits, part, index, 64 * block);
      }
    }
  }
  return bits.marker();
}

interface ScanState {
  /** The last DC coefficient of each component. */
  readonly predictions: number[];
  /** Blocks that follow without a further coefficient. */
  run: number;
}

function blockReader(scan: Scan, state: ScanState): BlockReader {
  if (!scan.isProgressive) return sequential(state);
  if (scan.from === 0) return scan.high === 0 ? firstDc(scan, state) : laterDc(scan);
  return scan.high === 0 ? firstAc(scan, state) : laterAc(scan, state);
}

/** T.81, F.2.2. */
function sequential(state: ScanState): BlockReader {
  const readDc = firstDc({ low: 0 }, state);
  return (bits, part, index, at) => {
    readDc(bits, part, index, at);
    const { coefficients } = part.component;
    const table = known(part.ac);
    for (let k = 1; k < 64; k++) {
      const symbol = bits.symbol(table);
      const size = symbol & 15;
      if (size === 0 && symbol !== 0xf0) return;
      k += symbol >> 4;
      if (k > 63) throw tooMany();
      if (size > 0) coefficients[at + k] = bits.signed(size);
    }
  };
}

/** T.81, G.1.2.1. */
function firstDc({ low }: Pick<Scan, "low">, state: ScanState): BlockReader {
  return (bits, { component, dc }, index, at) => {
    const size = bits.symbol(known(dc));
    if (size > 15) throw new RangeError("a difference has too many bits");
    const value = state.predictions[index]! + bits.signed(size);
    state.predictions[index] = value;
    component.coefficients[at] = value << low;
  };
}

function laterDc({ low }: Scan): BlockReader {
  return (bits, { component }, _, at) => {
    component.coefficients[at]! |= bits.bits(1) << low;
  };
}

/** T.81, G.1.2.2. */
function firstAc({ from, to, low }: Scan, state: ScanState): BlockReader {
  return (bits, { component: { coefficients }, ac }, _, at) => {
    if (state.run > 0) {
      state.run--;
      return;
    }
    const table = known(ac);
    for (let k = from; k <= to; k++) {
      const symbol = bits.symbol(table);
      const [skip, size] = [symbol >> 4, symbol & 15];
      if (size === 0 && skip < 15) {
        state.run = 2 ** skip + bits.bits(skip) - 1;
        return;
      }
      k += skip;
      if (k > to) {
        if (size === 0) return;
        throw tooMany();
      }
      if (size > 0) coefficients[at + k] = bits.signed(size) << low;
    }
  };
}

/** T.81, G.1.2.3: a bit for each coefficient that is not 0, and new ones between them. */
function laterAc({ from, to, low }: Scan, state: ScanState): BlockReader {
  const bit = 1 << low;
  return (bits, { component: { coefficients }, ac }, _, at) => {
    const table = known(ac);
    const refine = (place: number) => {
      const value = coefficients[place]!;
      if (bits.bits(1) === 1 && (Math.abs(value) & bit) === 0)
        coefficients[place] = value + (value < 0 ? -bit : bit);
    };
    let k = from;
    while (state.run === 0 && k <= to) {
      const symbol = bits.symbol(table);
      let [skip, size] = [symbol >> 4, symbol & 15];
      if (size > 1) throw new RangeError("a new coefficient has too many bits");
      if (size === 0 && skip < 15) {
        state.run = 2 ** skip + bits.bits(skip);
        break;
      }
      const fresh = size === 0 ? 0 : bits.bits(1) === 1 ? bit : -bit;
      for (; k <= to; k++) {
        if (coefficients[at + k] !== 0) refine(at + k);
        else if (skip-- === 0) break;
      }
      if (fresh !== 0) {
        if (k > to) throw tooMany();
        coefficients[at + k] = fresh;
      }
      k++;
    }
    if (state.run === 0) return;
    for (; k <= to; k++) if (coefficients[at + k] !== 0) refine(at + k);
    state.run--;
  };
}

function known(table: HuffmanTable | undefined): HuffmanTable {
  if (table !== undefined) return table;
  throw new RangeError("a Huffman table is missing");
}

function tooMany(): RangeError {
  return new RangeError("a block has too many coefficients");
}
