/**
 * The gradient behind max-pooling: each window has one position, which adds the kernel's weights to its neighbourhood in the input. Windows
 * without a gradient cost nothing. Any kernel, step and window.
 */
import { Block } from "./block";

// Planes, rows and columns of the sums count from the first position that the first window reads, in front of the image by:
// @ts-ignore: decorator
@inline
function leadX(b: Block): i32 { return b.beforeX * b.strideX + b.padX; }
// @ts-ignore: decorator
@inline
function leadY(b: Block): i32 { return b.beforeY * b.strideY + b.padY; }
// @ts-ignore: decorator
@inline
function leadZ(b: Block): i32 { return b.beforeZ * b.strideZ + b.padZ; }

/** Channels of a position that are adjacent in the sums. */
// @ts-ignore: decorator
@inline
function innerOf(b: Block): i32 {
  return b.channels == 1 ? 1 : (b.channels + 3) & ~3;
}

/** Adds s times `run` vectors of weights to sums. */
// @ts-ignore: decorator
@inline
function addRun(sums: usize, weights: usize, s: v128, run: i32): void {
  for (let k = run; k > 0; k--, sums += 16, weights += 16) {
    v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(s, v128.load(weights))));
  }
}

/** Per position in a window: the planes from the window's first, and the bytes from its first row and column. */
function listOffsets(b: Block, offsets: usize, row: usize, position: usize): void {
  for (let id = 0; id < 64; id++, offsets += 8) {
    store<i32>(offsets, (id / (b.windowY * b.windowZ)) * b.strideX);
    const down = <usize>(((id / b.windowZ) % b.windowY) * b.strideY) * row;
    store<u32>(offsets, <u32>(down + <usize>((id % b.windowZ) * b.strideZ) * position), 4);
  }
}

/** Writes plane p of the sums, if it is one of the image. */
function writeSums(b: Block, plane: usize, p: i32, row: usize, position: usize): void {
  const x = p - leadX(b), count = <usize>(b.x * b.y) * <usize>b.z << 2;
  if (x < 0 || x >= b.x) return;
  let sums = plane + <usize>leadY(b) * row + <usize>leadZ(b) * position;
  for (let y = 0; y < b.y; y++, sums += row) {
    const at = <usize>(x * b.y + y) * <usize>b.z;
    if (b.channels == 1) memory.copy(b.inputGradient + (at << 2), sums, <usize>b.z << 2);
    else if (b.channelsLast) memory.copy(b.inputGradient + at * position, sums, <usize>b.z * position);
    else {
      let g = b.inputGradient + (at << 2), s = sums;
      for (let z = 0; z < b.z; z++, g += 4, s += position) {
        for (let c = 0; c < b.channels; c++) f32.store(g + <usize>c * count, f32.load(s + (<usize>c << 2)));
      }
    }
  }
}

/**
 * Planes of the output are counted. `table`: [outputs][x][y][z, channel, rounded up to 4]. `line`: bytes of a row of the sums;
 * `gradientLine`: bytes of a plane. Scratch: the offsets in a window, then as many planes of sums as a window reads.
 */
export function scatterGradient(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), row = b.line, plane = b.gradientLine, offsets = scratch, ring = scratch + 512;
  const inner = innerOf(b), position = <usize>inner << 2, run = (b.kernelZ * inner + 3) >> 2, tap = <usize>run << 4;
  const reach = (b.windowX - 1) * b.strideX + b.kernelX, stride = b.stepX * b.strideX;
  const cells = <usize>(b.outX * b.outY) * <usize>b.outZ, along = <usize>(b.stepZ * b.strideZ) * position;
  // One channel: windows side by side would read what has just been written, a part of it, and wait.
  const jump = inner == 1 ? 8 : 1;
  listOffsets(b, offsets, row, position);
  memory.fill(ring, 0, <usize>reach * plane);
  const end = ring + <usize>reach * plane;
  for (let px = max(0, from - (reach - 1) / stride); px < to; px++) {
    const slot = px * stride % reach;
    for (let c = 0; c < b.outputs; c++) {
      const factors = b.factors + <usize>(c << 4), table = b.table + <usize>(c * b.kernelX * b.kernelY) * tap;
      for (let py = 0; py < b.outY; py++) {
        const cell = <usize>(px * b.outY + py) * <usize>b.outZ, gradients = b.gradient + <usize>c * b.gradientChannel;
        const down = <usize>(py * b.stepY * b.strideY) * row;
        for (let first = 0; first < jump; first++) for (let pz = first; pz < b.outZ; pz += jump) {
          const id = <usize>load<u8>(b.codes + <usize>c * cells + cell + <usize>pz);
          const value = f32.load(gradients + (cell + <usize>pz) * b.gradientCell) * f32.load(factors + (id >> 6 << 2));
          if (value == 0) continue;
          const place = offsets + ((id & 63) << 3), s = f32x4.splat(value);
          const start = down + <usize>pz * along + <usize>load<u32>(place, 4);
          let sums = ring + <usize>(slot + load<i32>(place)) * plane, w = table;
          for (let i = b.kernelX; i > 0; i--, sums += plane) {
            if (sums >= end) sums -= end - ring;
            let q = sums + start;
            for (let j = b.kernelY; j > 0; j--, q += row, w += tap) addRun(q, w, s, run);
          }
        }
      }
    }
    // What no later window reaches is complete; behind the last, all is.
    const complete = px == b.outX - 1 ? leadX(b) + b.x : (px + 1) * stride;
    for (let p = px * stride; p < complete; p++) {
      const done = ring + <usize>(p % reach) * plane;
      if (px >= from) writeSums(b, done, p, row, position);
      memory.fill(done, 0, plane);
    }
  }
}
