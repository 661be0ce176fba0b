/** Positions of the pixels of a pass in the picture. */
interface Pass {
  readonly fromX: number;
  readonly fromY: number;
  readonly stepX: number;
  readonly stepY: number;
}

const whole: readonly Pass[] = [{ fromX: 0, fromY: 0, stepX: 1, stepY: 1 }];

/** The seven passes of an interlaced picture. PNG specification, 8.2. */
const adam7: readonly Pass[] = [
  { fromX: 0, fromY: 0, stepX: 8, stepY: 8 },
  { fromX: 4, fromY: 0, stepX: 8, stepY: 8 },
  { fromX: 0, fromY: 4, stepX: 4, stepY: 8 },
  { fromX: 2, fromY: 0, stepX: 4, stepY: 4 },
  { fromX: 0, fromY: 2, stepX: 2, stepY: 4 },
  { fromX: 1, fromY: 0, stepX: 2, stepY: 2 },
  { fromX: 0, fromY: 1, stepX: 1, stepY: 2 },
];

/** How the values of a picture are stored. */
export interface PngLayout {
  readonly width: number;
  readonly height: number;
  /** Bits of a value: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** Values of a pixel. */
  readonly samples: number;
  readonly isInterlaced: boolean;
}

function passesOf({ width, height, isInterlaced, depth, samples }: PngLayout) {
  return (isInterlaced ? adam7 : whole)
    .map((pass) => ({
      ...pass,
      columns: Math.ceil((width - pass.fromX) / pass.stepX),
      rows: Math.ceil((height - pass.fromY) / pass.stepY),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map((pass) => ({ ...pass, rowBytes: Math.ceil((pass.columns * samples * depth) / 8) }));
}

/** How many bytes the rows take, with the byte in front of each that names its filter. */
export function rowsLength(layout: PngLayout): number {
  return passesOf(layout).reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);
}

/** Takes the filters off the rows, in place. PNG specification, 9.2. @throws RangeError for a filter that does not exist. */
export function unfilterRows(rows: Uint8Array, layout: PngLayout): void {
  const pixelBytes = Math.max(1, (layout.samples * layout.depth) / 8);
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  let at = 0;
  for (const pass of passesOf(layout)) {
    let above: Uint8Array = new Uint8Array(pass.rowBytes);
    for (let y = 0; y < pass.rows; y++) {
      const row = rows.subarray(at + 1, at + 1 + pass.rowBytes);
      unfilter(view.getUint8(at), row, above, pixelBytes);
      at += 1 + pass.rowBytes;
      above = row;
    }
  }
}

/** Gives `take` each value of unfiltered rows, with the index of its pixel, row by row, and of its channel. */
export function readPixels(
  rows: Uint8Array,
  layout: PngLayout,
  take: (value: number, pixel: number, sample: number) => void,
): void {
  const { width, depth, samples } = layout;
  const mask = 2 ** depth - 1;
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  let at = 0;
  for (const pass of passesOf(layout)) {
    for (let y = 0; y < pass.rows; y++) {
      const row = at + 1;
      at = row + pass.rowBytes;
      const start = (pass.fromY + y * pass.stepY) * width + pass.fromX;
      for (let k = 0; k < pass.columns * samples; k++) {
        const sample = k % samples;
        const value =
          depth === 8
            ? view.getUint8(row + k)
            : depth === 16
              ? view.getUint16(row + 2 * k)
              : (view.getUint8(row + ((k * depth) >> 3)) >> (8 - depth - ((k * depth) & 7))) & mask;
        take(value, start + ((k - sample) / samples) * pass.stepX, sample);
      }
    }
  }
}

function unfilter(filter: number, row: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  if (filter > 4) throw new RangeError(`a row names the filter ${filter}, which does not exist`);
  if (filter === 0) return;
  for (let k = 0; k < row.length; k++) {
    const left = k >= pixelBytes ? row[k - pixelBytes]! : 0;
    const up = above[k]!;
    const corner = k >= pixelBytes ? above[k - pixelBytes]! : 0;
    row[k]! +=
      filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}
