/** Sums of a convolution in float64: of the values in front of the block, or from the image through the block in front of it. */
import { Block } from "./block";

// Codes of values, as `decide.ts` describes them.
// @ts-ignore: decorator
@inline export const NEGATIVE: i32 = 128;
// @ts-ignore: decorator
@inline export const NOTHING: i32 = 255;

/** The convolution of channel c at one position. */
export function convolve64(b: Block, c: i32, x: i32, y: i32, z: i32): f64 {
  const u0 = x * b.strideX - b.padX, v0 = y * b.strideY - b.padY, t0 = z * b.strideZ - b.padZ;
  const whole = u0 >= 0 && u0 + b.kernelX <= b.x && v0 >= 0 && v0 + b.kernelY <= b.y && t0 >= 0 && t0 + b.kernelZ <= b.z;
  const taps = <usize>b.kernelZ << 3;
  let sum = f64.load(b.bias64 + (<usize>c << 3));
  let w = b.weights64 + <usize>(c * b.channels * b.kernelX * b.kernelY) * taps;
  for (let n = 0; n < b.channels; n++) {
    for (let u = u0; u < u0 + b.kernelX; u++) {
      for (let v = v0; v < v0 + b.kernelY; v++) {
        const row = b.input + (<usize>((n * b.x + u) * b.y + v) * <usize>b.z << 2);
        if (whole) {
          for (let p = row + (<usize>t0 << 2), end = w + taps; w < end; w += 8, p += 4) sum += f64.load(w) * <f64>f32.load(p);
          continue;
        }
        const inside = u >= 0 && u < b.x && v >= 0 && v < b.y;
        for (let t = t0; t < t0 + b.kernelZ; t++, w += 8) {
          if (inside && t >= 0 && t < b.z) sum += f64.load(w) * <f64>f32.load(row + (<usize>t << 2));
        }
      }
    }
  }
  return sum;
}

/** `convolve64` of the first block, for the image that is `point` of it. */
export function convolveAlong(b: Block, c: i32, x: i32, y: i32, z: i32): f64 {
  const sum = convolve64(b, c, x, y, z);
  if (!b.point) return sum;
  const bias = f64.load(b.bias64 + (<usize>c << 3));
  return bias + f64.load(b.point) * (sum - bias);
}

/** The value behind block b, whose decisions are made: activation and maximum of the sum that its code names. */
function valueBehind(b: Block, c: i32, px: i32, py: i32, pz: i32): f64 {
  const slope = f64.load(b.slopes64 + (<usize>c << 3));
  const code = <i32>load<u8>(b.codes + <usize>((c * b.outX + px) * b.outY + py) * <usize>b.outZ + <usize>pz);
  if (code == NOTHING || (slope == 0 && code & NEGATIVE)) return 0;
  let x = px, y = py, z = pz;
  if (b.pooling) {
    const id = code & 63;
    x = px * b.stepX + id / (b.windowY * b.windowZ) - b.beforeX;
    y = py * b.stepY + ((id / b.windowZ) % b.windowY) - b.beforeY;
    z = pz * b.stepZ + (id % b.windowZ) - b.beforeZ;
  }
  const sum = convolveAlong(b, c, x, y, z);
  return sum > 0 ? sum : sum * slope;
}

/** `convolve64` of the block behind the first, with the values in front of it computed from the image. */
export function convolveFromImage(b: Block, c: i32, x: i32, y: i32, z: i32): f64 {
  const front = changetype<Block>(b.front);
  let sum = f64.load(b.bias64 + (<usize>c << 3));
  let w = b.weights64 + (<usize>(c * b.channels * b.kernelX * b.kernelY * b.kernelZ) << 3);
  for (let n = 0; n < b.channels; n++) {
    for (let i = 0; i < b.kernelX; i++) {
      const u = x * b.strideX + i - b.padX;
      for (let j = 0; j < b.kernelY; j++) {
        const v = y * b.strideY + j - b.padY, inside = u >= 0 && u < b.x && v >= 0 && v < b.y;
        for (let l = 0; l < b.kernelZ; l++, w += 8) {
          const t = z * b.strideZ + l - b.padZ;
          if (inside && t >= 0 && t < b.z) sum += f64.load(w) * valueBehind(front, n, u, v, t);
        }
      }
    }
  }
  return sum;
}
