/** The gradient of a direct convolution without pooling: a plane of the input at a time. */
import { Block } from "./block";
import { fourSums, oneSum } from "./taps";

/** Rows of zeros in front of and behind a plane of the convolution's gradient, which rows of the input at the border reach. */
// @ts-ignore: decorator
@inline
function zeroRows(b: Block): i32 {
  return b.kernelY == 1 && b.strideY == 1 ? b.padY : (b.kernelY + b.strideY - 1) / b.strideY + 1;
}
// @ts-ignore: decorator
@inline
function planeBytes(b: Block): usize {
  return <usize>(b.outputs * (b.convY + 2 * zeroRows(b))) * b.gradientLine;
}

/** Four values of the gradient at the output, from a cell on. */
// @ts-ignore: decorator
@inline
function fourGradients(p: usize, step: usize): v128 {
  if (step == 4) return v128.load(p);
  let v = v128.load32_zero(p);
  v = v128.load_lane<u32>(p + step, v, 1);
  v = v128.load_lane<u32>(p + step * 2, v, 2);
  return v128.load_lane<u32>(p + step * 3, v, 3);
}

/** The gradient at plane x of the convolution: [outputs][rows with zeros around][kernelZ - 1 zeros, values, zeros]. The zeros are there. */
function gradientPlane(b: Block, x: i32, target: usize): void {
  const rows = b.convY + 2 * zeroRows(b), last = b.convZ - 4, zero = i32x4.splat(0);
  for (let c = 0; c < b.outputs; c++) {
    const slope = v128.load_splat<f32>(b.factors + <usize>(c << 4), 8);
    let row = target + <usize>(c * rows + zeroRows(b)) * b.gradientLine + (<usize>(b.kernelZ - 1) << 2);
    let cell = <usize>(x * b.convY) * <usize>b.convZ;
    let code = b.codes + <usize>((c * b.convX + x) * b.convY) * <usize>b.convZ;
    for (let y = 0; y < b.convY; y++, row += b.gradientLine, cell += <usize>b.convZ, code += <usize>b.convZ) {
      const g = b.gradient + <usize>c * b.gradientChannel + cell * b.gradientCell;
      for (let z = 0; ; ) {
        const v = fourGradients(g + <usize>z * b.gradientCell, b.gradientCell);
        const codes = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(code + <usize>z)));
        v128.store(row + (<usize>z << 2), v128.bitselect(f32x4.mul(v, slope), v, i32x4.ne(codes, zero)));
        if (z == last) break;
        z = min(z + 4, last); // the last four overlap those before
      }
    }
  }
}

/**
 * What a value of phase (j, l) of the input's rows and columns is made of, for `lanes` channels from n on: places in the planes of
 * the convolution's gradient, counted from a row and a column that are zeros, and four weights for each. Returns their number.
 */
function listSources(b: Block, n: i32, p: i32, phaseY: i32, phaseZ: i32, lanes: i32, list: usize, weights: usize): i32 {
  const rows = b.convY + 2 * zeroRows(b), plane = planeBytes(b), reach = (b.kernelX + b.strideX - 1) / b.strideX;
  const taps = b.kernelX * b.kernelY * b.kernelZ;
  const first = max(0, (p - b.kernelX + b.strideX) / b.strideX), last = min(p / b.strideX, b.convX - 1);
  let count = 0;
  for (let x = first; x <= last; x++) {
    const i = p - x * b.strideX;
    if (i >= b.kernelX) continue;
    for (let c = 0; c < b.outputs; c++) {
      const channel = <usize>(x % reach) * plane + <usize>(c * rows + zeroRows(b)) * b.gradientLine;
      for (let j = phaseY; j < b.kernelY; j += b.strideY) {
        const row = channel - <usize>(j / b.strideY) * b.gradientLine + (<usize>(b.kernelZ - 1) << 2);
        for (let l = phaseZ; l < b.kernelZ; l += b.strideZ, count++) {
          store<u32>(list + (<usize>count << 2), <u32>(row - (<usize>(l / b.strideZ) << 2)));
          const tap = (i * b.kernelY + j) * b.kernelZ + l, to = weights + (<usize>count << 4);
          for (let k = 0; k < lanes; k++) {
            const w = n + k < b.channels ? f32.load(b.table + (<usize>((c * b.channels + n + k) * taps + tap) << 2)) : 0;
            f32.store(to + (<usize>k << 2), w);
          }
        }
      }
    }
  }
  return count;
}

/** One row of the input's gradient from its phases, `line` bytes apart, each from column 0 of the padded input on. */
function mergePhases(b: Block, phases: usize, out: usize): void {
  if (b.strideZ == 1) {
    memory.copy(out, phases + (<usize>b.padZ << 2), <usize>b.z << 2);
    return;
  }
  let z = 0;
  if (b.strideZ == 2) {
    let even = phases + (<usize>((b.padZ + 1) >> 1) << 2), odd = phases + b.line + (<usize>(b.padZ >> 1) << 2);
    if (b.padZ & 1) {
      const other = even;
      even = odd;
      odd = other;
    }
    for (; z + 8 <= b.z; z += 8, even += 16, odd += 16) {
      const a = v128.load(even), d = v128.load(odd);
      v128.store(out + (<usize>z << 2), v128.shuffle<f32>(a, d, 0, 4, 1, 5));
      v128.store(out + (<usize>z << 2), v128.shuffle<f32>(a, d, 2, 6, 3, 7), 16);
    }
  }
  for (; z < b.z; z++) {
    const p = z + b.padZ;
    f32.store(out + (<usize>z << 2), f32.load(phases + <usize>(p % b.strideZ) * b.line + (<usize>(p / b.strideZ) << 2)));
  }
}

/**
 * Planes of the input are counted. Scratch: zeros, a number per phase of the columns, a list of places, their
 * weights, four rows of sums with their phases `line` bytes apart, as many planes of the convolution's gradient as reach one of the input.
 */
export function directGradient(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), reach = (b.kernelX + b.strideX - 1) / b.strideX;
  const places = b.outputs * b.kernelX * b.kernelY * b.kernelZ, columns = (b.padZ + b.z + b.strideZ - 1) / b.strideZ;
  const channel = <usize>(b.x * b.y) * <usize>b.z << 2;
  const zeros = scratch, counts = scratch + 16, list = scratch + 64, weights = list + ((<usize>(places << 2) + 63) & ~63);
  const sums = weights + (<usize>places << 4), lines = b.line * <usize>b.strideZ, ring = sums + lines * 4;
  memory.fill(scratch, 0, 64);
  memory.fill(ring, 0, <usize>reach * planeBytes(b));
  let made = 0;
  for (let u = from; u < to; u++) {
    const p = u + b.padX, last = min(p / b.strideX, b.convX - 1);
    for (let x = max(max(0, (p - b.kernelX + b.strideX) / b.strideX), made); x <= last; x++) {
      gradientPlane(b, x, ring + <usize>(x % reach) * planeBytes(b));
    }
    made = max(made, last + 1);
    for (let n = 0; n < b.channels; ) {
      const lanes = !(n & 3) && b.channels - n > 2 ? 4 : 1, most = min(lanes, b.channels - n);
      for (let phase = 0; phase < b.strideY; phase++) {
        let total = 0;
        for (let l = 0; l < b.strideZ; l++) {
          const count = listSources(b, n, p, phase, l, lanes, list + <usize>(total << 2), weights + <usize>(total << 4));
          store<i32>(counts + <usize>(l << 2), count);
          total += count;
        }
        for (let v = (phase - b.padY % b.strideY + b.strideY) % b.strideY; v < b.y; v += b.strideY) {
          const row = ring + <usize>((v + b.padY) / b.strideY) * b.gradientLine;
          let places = list, factors = weights;
          for (let l = 0; l < b.strideZ; l++) {
            const count = load<i32>(counts + <usize>(l << 2));
            let g = row, s = sums + <usize>l * b.line;
            if (lanes == 4) for (let m = 0; m < columns; m += 8, g += 32, s += 32) fourSums(places, count, g, factors, zeros, s, lines);
            else for (let m = 0; m < columns; m += 16, g += 64, s += 64) oneSum(places, count, g, factors, zeros, s);
            places += <usize>(count << 2);
            factors += <usize>(count << 4);
          }
          let out = b.inputGradient + (<usize>((n * b.x + u) * b.y + v) * <usize>b.z << 2);
          for (let k = 0; k < most; k++, out += channel) mergePhases(b, sums + <usize>k * lines, out);
        }
      }
      n += most;
    }
  }
}
