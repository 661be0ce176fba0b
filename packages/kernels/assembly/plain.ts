/** Any block: direct convolution of any kernel, stride and padding, any activation with a slope, any pooling; and its gradient. */
import { Block } from "./block";
import { convolvePlane, listBytes, loadPhases, slotBytes } from "./convolve";
import { NEGATIVE, NOTHING } from "./convolve64";
import { decideMaximum, decideValue, isZero } from "./decide";
import { activateDirect, endWhole, firstWhole, poolFour } from "./direct";

/** Applies the activation to a plane of the convolution and writes its codes. */
function activatePlane(b: Block, x: i32, plane: usize): void {
  for (let c = 0; c < b.outputs; c++) {
    const bound = f32.load(b.bounds + (<usize>c << 2)), slope = f32.load(b.slopes + (<usize>c << 2));
    for (let y = 0; y < b.convY; y++) {
      let p = plane + <usize>(c * b.convY + y) * b.convLine;
      let code = b.codes + <usize>((c * b.convX + x) * b.convY + y) * <usize>b.convZ;
      for (let z = 0; z < b.convZ; z++, p += 4, code++) {
        let s = f32.load(p);
        if (abs(s) <= bound && slope != 1) s = decideValue(b, c, x, y, z);
        const negative = s <= 0;
        store<u8>(code, negative ? NEGATIVE : 0);
        if (negative) f32.store(p, slope == 0 ? 0 : s * slope);
        else f32.store(p, s);
      }
    }
  }
}

/** The first maximum of a window; the first NaN wins, as in PyTorch. */
function poolMaximum(b: Block, c: i32, px: i32, py: i32, pz: i32, ring: usize, plane: usize): void {
  const slope = f32.load(b.slopes + (<usize>c << 2)), bound = f32.load(b.bounds + (<usize>c << 2));
  let best: f32 = -Infinity, second: f32 = -Infinity, raw: f32 = 0, least: f32 = Infinity, most: f32 = -Infinity;
  let code = NOTHING, id = 0, any = false;
  for (let i = 0; i < b.windowX; i++) {
    const x = px * b.stepX + i - b.beforeX;
    for (let j = 0; j < b.windowY; j++) {
      const y = py * b.stepY + j - b.beforeY;
      for (let l = 0; l < b.windowZ; l++, id++) {
        const z = pz * b.stepZ + l - b.beforeZ;
        const real = x >= 0 && x < b.convX && y >= 0 && y < b.convY && z >= 0 && z < b.convZ;
        if (!real && !isZero(b, x, y, z)) continue;
        let s: f32 = 0;
        if (real) {
          s = f32.load(ring + <usize>(x % b.windowX) * plane + <usize>(c * b.convY + y) * b.convLine + (<usize>z << 2));
          least = min(least, s);
          most = max(most, s);
        }
        const a = s > 0 || s != s ? s : slope == 0 ? 0 : s * slope;
        if (!any || (best == best && !(a <= best))) {
          second = best;
          best = a;
          raw = s;
          any = true;
          code = real ? (s <= 0 ? id | NEGATIVE : id) : NOTHING;
        } else second = max(second, a);
      }
    }
  }
  const at = <usize>((c * b.outX + px) * b.outY + py) * <usize>b.outZ + <usize>pz;
  f32.store(b.output + (at << 2), best + 0);
  store<u8>(b.codes + at, <u8>code);
  if (!(bound >= 0) || (least == most && most == f32.load(b.backgrounds + (<usize>c << 2)))) return;
  const tied = best - second <= bound * max(<f32>1, abs(slope)) && (slope != 0 || most >= -bound);
  if (tied || ((abs(raw) <= bound || abs(most) <= bound) && code != NOTHING)) decideMaximum(b, c, px, py, pz);
}

/** How many positions of window p count along one axis: those in front of `low` and from `high` on are skipped. */
// @ts-ignore: decorator
@inline
function counted(first: i32, window: i32, low: i32, high: i32): i32 {
  return min(first + window, high) - max(first, low);
}
function divisor(b: Block, px: i32, py: i32, pz: i32): f32 {
  const x = counted(px * b.stepX - b.beforeX, b.windowX, -b.zeroX, b.convX + b.zeroAfterX);
  const y = counted(py * b.stepY - b.beforeY, b.windowY, -b.zeroY, b.convY + b.zeroAfterY);
  const z = counted(pz * b.stepZ - b.beforeZ, b.windowZ, -b.zeroZ, b.convZ + b.zeroAfterZ);
  return <f32>(x * y * z);
}
function poolAverage(b: Block, c: i32, px: i32, py: i32, pz: i32, ring: usize, plane: usize): void {
  let sum: f64 = 0;
  for (let i = 0; i < b.windowX; i++) {
    const x = px * b.stepX + i - b.beforeX;
    for (let j = 0; j < b.windowY; j++) {
      const y = py * b.stepY + j - b.beforeY;
      for (let l = 0; l < b.windowZ; l++) {
        const z = pz * b.stepZ + l - b.beforeZ;
        if (x < 0 || x >= b.convX || y < 0 || y >= b.convY || z < 0 || z >= b.convZ) continue;
        sum += <f64>f32.load(ring + <usize>(x % b.windowX) * plane + <usize>(c * b.convY + y) * b.convLine + (<usize>z << 2));
      }
    }
  }
  const at = <usize>((c * b.outX + px) * b.outY + py) * <usize>b.outZ + <usize>pz;
  f32.store(b.output + (at << 2), <f32>(sum / <f64>divisor(b, px, py, pz)));
}

/**
 * Scratch: a list of places, kernelX planes of the padded input, windowX planes of the convolution. `direct`: all values are finite, and
 * `src/choose-kernel.ts` says which poolings.
 */
function compute(b: Block, scratch: usize, from: i32, to: i32, direct: bool): void {
  const slots = scratch + listBytes(b), ring = slots + <usize>b.kernelX * slotBytes(b);
  const plane = <usize>(((b.outputs + 3) & ~3) * b.convY) * b.convLine;
  let loaded = 0, done = 0;
  for (let px = from; px < to; px++) {
    const start = px * b.stepX - b.beforeX, end = min(start + b.windowX, b.convX);
    for (let x = max(max(start, 0), done); x < end; x++) {
      for (let u = max(loaded, x * b.strideX); u < x * b.strideX + b.kernelX; u++) loadPhases(b, u, slots);
      loaded = x * b.strideX + b.kernelX;
      const target = ring + <usize>(x % b.windowX) * plane;
      convolvePlane(b, x, slots, scratch, target);
      if (b.pooling == 0 && direct) activateDirect(b, x, slots, scratch, target);
      else if (b.pooling != 1) activatePlane(b, x, target);
    }
    done = max(done, end);
    if (b.pooling == 0) {
      if (!direct) copyPlane(b, px, ring);
    } else if (b.pooling == 2) poolPlane(b, px, ring, plane);
    else if (direct) poolPlaneDirect(b, px, ring, plane);
    else poolPlane(b, px, ring, plane);
  }
}
function copyPlane(b: Block, px: i32, plane: usize): void {
  for (let c = 0; c < b.outputs; c++) {
    for (let py = 0; py < b.outY; py++) {
      const row = <usize>((c * b.outX + px) * b.outY + py) * <usize>b.outZ << 2;
      memory.copy(b.output + row, plane + <usize>(c * b.convY + py) * b.convLine, <usize>b.outZ << 2);
    }
  }
}
function poolPlane(b: Block, px: i32, ring: usize, plane: usize): void {
  for (let c = 0; c < b.outputs; c++) {
    for (let py = 0; py < b.outY; py++) {
      for (let pz = 0; pz < b.outZ; pz++) {
        if (b.pooling == 1) poolMaximum(b, c, px, py, pz, ring, plane);
        else poolAverage(b, c, px, py, pz, ring, plane);
      }
    }
  }
}
function poolPlaneDirect(b: Block, px: i32, ring: usize, plane: usize): void {
  const first = firstWhole(b), last = endWhole(b) - 4;
  const slot = ((px * b.stepX - b.beforeX) % b.windowX + b.windowX) % b.windowX;
  for (let c = 0; c < b.outputs; c++) {
    for (let py = 0; py < b.outY; py++) {
      let pz = 0;
      if (last >= first) {
        for (; pz < first; pz++) poolMaximum(b, c, px, py, pz, ring, plane);
        for (; pz < last; pz += 4) poolFour(b, c, px, py, pz, ring, slot, plane);
        poolFour(b, c, px, py, last, ring, slot, plane); // overlaps those before
        pz = last + 4;
      }
      for (; pz < b.outZ; pz++) poolMaximum(b, c, px, py, pz, ring, plane);
    }
  }
}
export function plain(at: usize, scratch: usize, from: i32, to: i32): void {
  compute(changetype<Block>(at), scratch, from, to, false);
}
export function direct(at: usize, scratch: usize, from: i32, to: i32): void {
  compute(changetype<Block>(at), scratch, from, to, true);
}

/** The gradient at plane x of the convolution: [outputs][convY][kernelZ - 1 zeros, values, zeros]. */
function gradientPlane(b: Block, x: i32, target: usize): void {
  const cells = <usize>b.outX * <usize>b.outY * <usize>b.outZ, lead = <usize>(b.kernelZ - 1) << 2;
  memory.fill(target, 0, <usize>(b.outputs * b.convY) * b.gradientLine);
  for (let px = max(0, (x + b.beforeX - b.windowX + b.stepX) / b.stepX); px < b.outX; px++) {
    const i = x + b.beforeX - px * b.stepX;
    if (i < 0) break;
    if (i >= b.windowX) continue;
    for (let c = 0; c < b.outputs; c++) {
      const plane = target + <usize>(c * b.convY) * b.gradientLine + lead, factors = b.factors + <usize>(c << 4);
      for (let py = 0; py < b.outY; py++) {
        let cell = <usize>(px * b.outY + py) * <usize>b.outZ;
        for (let pz = 0; pz < b.outZ; pz++, cell++) {
          const g = f32.load(b.gradient + <usize>c * b.gradientChannel + cell * b.gradientCell);
          const y = py * b.stepY - b.beforeY, z = pz * b.stepZ - b.beforeZ;
          if (b.pooling == 1) {
            const code = <i32>load<u8>(b.codes + <usize>c * cells + cell), id = code & 63;
            if (code == NOTHING || id / (b.windowY * b.windowZ) != i) continue;
            const v = y + (id / b.windowZ) % b.windowY, t = z + id % b.windowZ;
            const p = plane + <usize>v * b.gradientLine + (<usize>t << 2);
            f32.store(p, f32.load(p) + g * f32.load(factors + (<usize>(code >> 6) << 2)));
          } else {
            const share = b.pooling == 0 ? g : g / divisor(b, px, py, pz);
            for (let v = max(y, 0); v < min(y + b.windowY, b.convY); v++) {
              for (let t = max(z, 0); t < min(z + b.windowZ, b.convZ); t++) {
                const code = <usize>load<u8>(b.codes + <usize>((c * b.convX + x) * b.convY + v) * <usize>b.convZ + <usize>t);
                const p = plane + <usize>v * b.gradientLine + (<usize>t << 2);
                f32.store(p, f32.load(p) + share * f32.load(factors + (code >> 6 << 2)));
              }
            }
          }
        }
      }
    }
  }
}

/** Planes of the input are counted. Scratch: 64 bytes, then as many planes of the convolution's gradient as reach one plane of the input. */
export function plainGradient(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), reach = (b.kernelX + b.strideX - 1) / b.strideX;
  const plane = <usize>(b.outputs * b.convY) * b.gradientLine, ring = scratch + 64;
  const taps = b.kernelX * b.kernelY * b.kernelZ, lines = <usize>b.convY * b.gradientLine;
  let made = 0;
  for (let u = from; u < to; u++) {
    const p = u + b.padX, last = min(p / b.strideX, b.convX - 1);
    const first = max(0, (p - b.kernelX + b.strideX) / b.strideX);
    for (let x = max(first, made); x <= last; x++) gradientPlane(b, x, ring + <usize>(x % reach) * plane);
    made = max(made, last + 1);
    for (let n = 0; n < b.channels; n++) for (let v = 0; v < b.y; v++) {
      const out = b.inputGradient + (<usize>((n * b.x + u) * b.y + v) * <usize>b.z << 2), q = v + b.padY;
      const firstY = max(0, (q - b.kernelY + b.strideY) / b.strideY), lastY = min(q / b.strideY, b.convY - 1);
      for (let phase = 0; phase < b.strideZ; phase++) for (let m = 0; m * b.strideZ + phase < b.padZ + b.z; m += 16) {
        let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
        for (let x = first; x <= last; x++) {
          const i = p - x * b.strideX;
          if (i >= b.kernelX) continue;
          for (let y = firstY; y <= lastY; y++) {
            const j = q - y * b.strideY;
            if (j >= b.kernelY) continue;
            let g = ring + <usize>(x % reach) * plane + <usize>y * b.gradientLine + (<usize>(b.kernelZ - 1 + m) << 2);
            let w = b.table + (<usize>(n * taps + (i * b.kernelY + j) * b.kernelZ) << 2);
            for (let c = 0; c < b.outputs; c++, g += lines, w += <usize>(b.channels * taps) << 2) {
              for (let l = phase, back = 0; l < b.kernelZ; l += b.strideZ, back += 4) {
                const t = v128.load_splat<f32>(w + (<usize>l << 2)), r = g - back;
                s0 = f32x4.add(s0, f32x4.mul(t, v128.load(r)));
                s1 = f32x4.add(s1, f32x4.mul(t, v128.load(r, 16)));
                s2 = f32x4.add(s2, f32x4.mul(t, v128.load(r, 32)));
                s3 = f32x4.add(s3, f32x4.mul(t, v128.load(r, 48)));
              }
            }
          }
        }
        v128.store(scratch, s0); v128.store(scratch, s1, 16); v128.store(scratch, s2, 32); v128.store(scratch, s3, 48);
        for (let k = 0; k < 16; k++) {
          const z = (m + k) * b.strideZ + phase - b.padZ;
          if (z >= 0 && z < b.z) f32.store(out + (<usize>z << 2), f32.load(scratch + (<usize>k << 2)));
        }
      }
    }
  }
}
