/** Any block: direct convolution of any kernel, stride and padding, any activation with a slope, any pooling; and its gradient. */
import { Block } from "./block";
import { decideMaximum, decideValue, isZero, NEGATIVE, NOTHING } from "./decide";

/** Plane u of the padded input, all channels. Column p of a row is value p / strideZ of phase p % strideZ, so that taps are contiguous. */
function loadPhases(b: Block, u: i32, rows: i32, plane: usize): void {
  const x = u - b.padX, row = b.line * <usize>b.strideZ;
  memory.fill(plane, 0, <usize>(b.channels * rows) * row);
  if (x < 0 || x >= b.x) return;
  for (let c = 0; c < b.channels; c++) {
    for (let v = 0; v < rows; v++, plane += row) {
      const y = v - b.padY;
      if (y < 0 || y >= b.y) continue;
      let source = b.input + (<usize>((c * b.x + x) * b.y + y) * <usize>b.z << 2);
      const last = min(b.z, (b.convZ - 1) * b.strideZ + b.kernelZ - b.padZ);
      if (b.strideZ == 1) memory.copy(plane + (<usize>b.padZ << 2), source, <usize>max(last, 0) << 2);
      else {
        let phase = b.padZ % b.strideZ, at = b.padZ / b.strideZ;
        for (let z = 0; z < last; z++, source += 4) {
          f32.store(plane + <usize>phase * b.line + (<usize>at << 2), f32.load(source));
          if (++phase == b.strideZ) {
            phase = 0;
            at++;
          }
        }
      }
    }
  }
}

/** Plane x of the convolution, all channels: [outputs, rounded up to 4][convY][convLine]. */
function convolvePlane(b: Block, x: i32, rows: i32, slots: usize, target: usize): void {
  const row = b.line * <usize>b.strideZ, channel = <usize>rows * row, slot = <usize>b.channels * channel;
  const lines = <usize>b.convY * b.convLine;
  for (let c = 0; c < b.outputs; c += 4) {
    const bias = b.bias + (<usize>c << 2);
    const group = b.weights + (<usize>(c * b.channels * b.kernelX * b.kernelY * b.kernelZ) << 2);
    for (let y = 0; y < b.convY; y++) {
      let out = target + <usize>c * lines + <usize>y * b.convLine;
      for (let z = 0; z < b.convZ; z += 8, out += 32) {
        let s0 = v128.load_splat<f32>(bias), s1 = v128.load_splat<f32>(bias, 4);
        let s2 = v128.load_splat<f32>(bias, 8), s3 = v128.load_splat<f32>(bias, 12);
        let q0 = s0, q1 = s1, q2 = s2, q3 = s3, w = group;
        for (let n = 0; n < b.channels; n++) {
          for (let i = 0; i < b.kernelX; i++) {
            const u = x * b.strideX + i;
            let p = slots + <usize>(u % b.kernelX) * slot + <usize>n * channel + <usize>(y * b.strideY) * row + (<usize>z << 2);
            for (let j = 0; j < b.kernelY; j++, p += row) {
              let phase = 0, r = p, first = p;
              for (let l = 0; l < b.kernelZ; l++, w += 16) {
                const a = v128.load(r), d = v128.load(r, 16);
                let t = v128.load_splat<f32>(w);
                s0 = f32x4.add(s0, f32x4.mul(t, a)); q0 = f32x4.add(q0, f32x4.mul(t, d));
                t = v128.load_splat<f32>(w, 4);
                s1 = f32x4.add(s1, f32x4.mul(t, a)); q1 = f32x4.add(q1, f32x4.mul(t, d));
                t = v128.load_splat<f32>(w, 8);
                s2 = f32x4.add(s2, f32x4.mul(t, a)); q2 = f32x4.add(q2, f32x4.mul(t, d));
                t = v128.load_splat<f32>(w, 12);
                s3 = f32x4.add(s3, f32x4.mul(t, a)); q3 = f32x4.add(q3, f32x4.mul(t, d));
                r += b.line;
                if (++phase == b.strideZ) {
                  phase = 0;
                  first += 4;
                  r = first;
                }
              }
            }
          }
        }
        v128.store(out, s0); v128.store(out, q0, 16);
        out += lines; v128.store(out, s1); v128.store(out, q1, 16);
        out += lines; v128.store(out, s2); v128.store(out, q2, 16);
        out += lines; v128.store(out, s3); v128.store(out, q3, 16);
        out -= lines * 3;
      }
    }
  }
}

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
  if (!(bound >= 0) || least == most) return;
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

/** Scratch: kernelX planes of the padded input, windowX planes of the convolution. */
export function plain(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at), rows = (b.convY - 1) * b.strideY + b.kernelY;
  const slot = <usize>(b.channels * rows) * b.line * <usize>b.strideZ;
  const ring = scratch + <usize>b.kernelX * slot;
  const plane = <usize>(((b.outputs + 3) & ~3) * b.convY) * b.convLine;
  let loaded = 0, done = 0;
  for (let px = from; px < to; px++) {
    const start = px * b.stepX - b.beforeX, end = min(start + b.windowX, b.convX);
    for (let x = max(max(start, 0), done); x < end; x++) {
      for (let u = max(loaded, x * b.strideX); u < x * b.strideX + b.kernelX; u++) loadPhases(b, u, rows, scratch + <usize>(u % b.kernelX) * slot);
      loaded = x * b.strideX + b.kernelX;
      const target = ring + <usize>(x % b.windowX) * plane;
      convolvePlane(b, x, rows, scratch, target);
      if (b.pooling != 1) activatePlane(b, x, target);
    }
    done = max(done, end);
    for (let c = 0; c < b.outputs; c++) {
      for (let py = 0; py < b.outY; py++) {
        if (b.pooling == 0) {
          const row = <usize>((c * b.outX + px) * b.outY + py) * <usize>b.outZ << 2;
          memory.copy(b.output + row, ring + <usize>(c * b.convY + py) * b.convLine, <usize>b.outZ << 2);
        } else {
          for (let pz = 0; pz < b.outZ; pz++) {
            if (b.pooling == 1) poolMaximum(b, c, px, py, pz, ring, plane);
            else poolAverage(b, c, px, py, pz, ring, plane);
          }
        }
      }
    }
  }
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
