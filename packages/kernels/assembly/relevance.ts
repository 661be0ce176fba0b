/**
 * Relevance through a block: what each maximum (without pooling: each value) is a sum of, and what of its relevance goes to each of the
 * summands. Weights are other ones than the block's, and values at its input are kept between bounds: those above 0, or a constant, say.
 */
import { Block } from "./block";
import { NOTHING } from "./convolve64";

/** Summands: values at the input between bounds, with their weights. `src/record.ts` writes the fields in this order. */
@unmanaged
export class Part {
  /** The block, as the kernel of its gradient reads it for these weights. */
  block: usize;
  /** [outputs][channels][x][y] of the kernel, each row along z rounded up to four; a bias per output. */
  weights: usize;
  bias: usize;
  /** Per channel of the input. */
  lows: usize;
  highs: usize;
  /** 0 where its summands are all 0. */
  isUsed: i32;
  /** 1 where the part is the block's own convolution, whose sums above 0 are at the output. */
  isOwn: i32;
  /** Per output, the sum where no summand is missing; 0 where sums depend on the values at the input. */
  constants: usize;
  /** Wᵀ·c, and where it goes when each value is multiplied by its own; 1: what is there is kept. */
  gradient: usize;
  target: usize;
  isAdded: i32;
}
/** All summands of a sum. */
@unmanaged
export class Share {
  /** Relevance at the output of the block, and c = factor · relevance / (sum ± epsilon). */
  relevance: usize;
  quotients: usize;
  factor: f32;
  epsilon: f32;
  /** Only where the sum of `test` is above 0 (1) or below (-1); 0: everywhere. */
  condition: i32;
  test: usize;
  /** Parts, one behind the other. */
  parts: usize;
  count: i32;
}
/** Bytes of the records: the host compares them with its own. */
export function partBytes(): usize {
  return offsetof<Part>();
}
export function shareBytes(): usize {
  return offsetof<Share>();
}

/** Four values between two bounds times four weights. */
// @ts-ignore: decorator
@inline
function product(at: usize, low: v128, high: v128, w: usize): v128 {
  return f32x4.mul(f32x4.pmin(f32x4.pmax(v128.load(at), low), high), v128.load(w));
}

/** Lanes of the sum over the rows of a kernel, one channel after the other. */
function sumOfRows(part: Part, b: Block, from: usize, w: usize, row: usize, plane: usize, channel: usize, tap: usize): v128 {
  const planes = <usize>b.kernelX * plane, rows = <usize>b.kernelY * row, lows = part.lows, highs = part.highs, end = <usize>b.channels << 2;
  let sums = f32x4.splat(0);
  for (let n: usize = 0; n < end; n += 4, from += channel) {
    const low = v128.load_splat<f32>(lows + n), high = v128.load_splat<f32>(highs + n);
    for (let p = from; p < from + planes; p += plane) {
      for (let q = p; q < p + rows; q += row) {
        for (let l: usize = 0; l < tap; l += 16, w += 16) sums = f32x4.add(sums, product(q + l, low, high, w));
      }
    }
  }
  return sums;
}

/** The same for nine rows of up to four. */
function sumOfNine(part: Part, channels: i32, from: usize, w: usize, row: usize, plane: usize, channel: usize): v128 {
  const lows = part.lows, highs = part.highs, end = <usize>channels << 2;
  let s = f32x4.splat(0), r = s, q = s;
  for (let n: usize = 0; n < end; n += 4, from += channel, w += 144) {
    const low = v128.load_splat<f32>(lows + n), high = v128.load_splat<f32>(highs + n), second = from + plane, third = second + plane;
    s = f32x4.add(s, product(from, low, high, w));
    r = f32x4.add(r, product(from + row, low, high, w + 16));
    q = f32x4.add(q, product(from + 2 * row, low, high, w + 32));
    s = f32x4.add(s, product(second, low, high, w + 48));
    r = f32x4.add(r, product(second + row, low, high, w + 64));
    q = f32x4.add(q, product(second + 2 * row, low, high, w + 80));
    s = f32x4.add(s, product(third, low, high, w + 96));
    r = f32x4.add(r, product(third + row, low, high, w + 112));
    q = f32x4.add(q, product(third + 2 * row, low, high, w + 128));
  }
  return f32x4.add(f32x4.add(s, r), q);
}

/** The sum of a part for channel c, where the kernel begins at (u, v, t) of the input, and the block's value is at `output`. */
function sumOf(part: Part, c: i32, u: i32, v: i32, t: i32, output: usize): f32 {
  const bias = f32.load(part.bias + (<usize>c << 2));
  if (!part.isUsed) return bias;
  if (part.isOwn && f32.load(output) > 0) return f32.load(output);
  const b = changetype<Block>(part.block), row = <usize>b.z << 2, plane = <usize>b.y * row, channel = <usize>b.x * plane;
  const run = (b.kernelZ + 3) >> 2, tap = <usize>run << 4;
  let w = part.weights + <usize>(c * b.channels * b.kernelX * b.kernelY) * tap;
  if (u >= 0 && v >= 0 && t >= 0 && u + b.kernelX <= b.x && v + b.kernelY <= b.y && t + 4 * run <= b.z) {
    if (part.constants) return f32.load(part.constants + (<usize>c << 2));
    const from = b.input + <usize>u * plane + <usize>v * row + (<usize>t << 2);
    let sums: v128;
    if (b.kernelX == 3 && b.kernelY == 3 && run == 1) sums = sumOfNine(part, b.channels, from, w, row, plane, channel);
    else sums = sumOfRows(part, b, from, w, row, plane, channel, tap);
    const halves = f32x4.add(sums, v128.shuffle<f32>(sums, sums, 2, 3, 0, 1));
    return f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1) + bias;
  }
  let sum: f32 = 0;
  for (let n = 0; n < b.channels; n++) {
    const low = f32.load(part.lows + (<usize>n << 2)), high = f32.load(part.highs + (<usize>n << 2));
    for (let i = 0; i < b.kernelX; i++) {
      for (let j = 0; j < b.kernelY; j++, w += tap) {
        if (u + i < 0 || u + i >= b.x || v + j < 0 || v + j >= b.y) continue;
        const from = b.input + <usize>((n * b.x + u + i) * b.y + v + j) * row;
        for (let l = max(0, -t); l < min(b.kernelZ, b.z - t); l++) {
          sum += min(max(f32.load(from + (<usize>(t + l) << 2)), low), high) * f32.load(w + (<usize>l << 2));
        }
      }
    }
  }
  return sum + bias;
}

/** Divides the relevance of each maximum by what it is a sum of. Planes of the output are counted. Scratch: where in a window a position is. */
export function shareRelevance(at: usize, scratch: usize, from: i32, to: i32): void {
  const share = changetype<Share>(at), b = changetype<Block>(changetype<Part>(share.parts).block);
  const end = share.parts + <usize>share.count * partBytes(), size = partBytes(), factor = share.factor, epsilon = share.epsilon;
  for (let id = 0, p = scratch; id < 64; id++, p += 16) {
    store<i32>(p, (id / (b.windowY * b.windowZ)) * b.strideX);
    store<i32>(p, ((id / b.windowZ) % b.windowY) * b.strideY, 4);
    store<i32>(p, (id % b.windowZ) * b.strideZ, 8);
  }
  const outY = b.outY, outZ = b.outZ, stepT = b.stepZ * b.strideZ;
  for (let c = 0; c < b.outputs; c++) {
    for (let px = from; px < to; px++) {
      const u = (px * b.stepX - b.beforeX) * b.strideX - b.padX;
      for (let py = 0; py < outY; py++) {
        const v = (py * b.stepY - b.beforeY) * b.strideY - b.padY;
        const row = <usize>((c * b.outX + px) * outY + py) * <usize>outZ;
        let relevances = share.relevance + (row << 2), quotients = share.quotients + (row << 2), code = b.codes + row, output = b.output + (row << 2);
        let t = -b.beforeZ * b.strideZ - b.padZ;
        for (let pz = 0; pz < outZ; pz++, relevances += 4, quotients += 4, code++, output += 4, t += stepT) {
          const relevance = f32.load(relevances), id = <i32>load<u8>(code);
          if (relevance == 0 || id == NOTHING) {
            f32.store(quotients, 0);
            continue;
          }
          const place = scratch + (<usize>(id & 63) << 4), i = u + load<i32>(place), j = v + load<i32>(place, 4), l = t + load<i32>(place, 8);
          if (share.condition != 0 && !(sumOf(changetype<Part>(share.test), c, i, j, l, output) * <f32>share.condition > 0)) {
            f32.store(quotients, 0);
            continue;
          }
          let sum: f32 = 0;
          for (let p = share.parts; p < end; p += size) sum += sumOf(changetype<Part>(p), c, i, j, l, output);
          f32.store(quotients, factor * relevance / (sum < 0 ? sum - epsilon : sum + epsilon));
        }
      }
    }
  }
}

/** Multiplies what came back to the input by the values there, between their bounds. Planes of the input are counted. */
export function weighRelevance(at: usize, scratch: usize, from: i32, to: i32): void {
  const part = changetype<Part>(at), b = changetype<Block>(part.block), plane = <usize>(b.y * b.z) << 2;
  for (let n = 0; n < b.channels; n++) {
    const low = v128.load_splat<f32>(part.lows + (<usize>n << 2)), high = v128.load_splat<f32>(part.highs + (<usize>n << 2));
    const first = <usize>(n * b.x + from) * plane, end = <usize>(n * b.x + to) * plane;
    let k = first;
    for (; k + 16 <= end; k += 16) {
      let r = f32x4.mul(f32x4.pmin(f32x4.pmax(v128.load(b.input + k), low), high), v128.load(part.gradient + k));
      if (part.isAdded) r = f32x4.add(r, v128.load(part.target + k));
      v128.store(part.target + k, r);
    }
    for (; k < end; k += 4) {
      const x = min(max(f32.load(b.input + k), f32x4.extract_lane(low, 0)), f32x4.extract_lane(high, 0));
      const r = x * f32.load(part.gradient + k);
      f32.store(part.target + k, part.isAdded ? r + f32.load(part.target + k) : r);
    }
  }
}
