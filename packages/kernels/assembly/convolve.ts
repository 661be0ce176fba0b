/** Direct convolution of any kernel, step and padding, a plane at a time. */
import { Block } from "./block";
import { fourSums, oneSum } from "./taps";

/** Bytes of a list of places for each position of the kernel in each channel. */
// @ts-ignore: decorator
@inline
export function listBytes(b: Block): usize {
  return (<usize>(b.channels * b.kernelX * b.kernelY * b.kernelZ * 4) + 63) & ~63;
}

/** Bytes of a plane of the padded input, all channels. */
// @ts-ignore: decorator
@inline
export function slotBytes(b: Block): usize {
  return <usize>(b.channels * inputRows(b)) * b.line * <usize>b.strideZ;
}
// @ts-ignore: decorator
@inline
function inputRows(b: Block): i32 {
  return (b.convY - 1) * b.strideY + b.kernelY;
}

/** Plane u of the padded input, all channels. Column p of a row is value p / strideZ of phase p % strideZ, so that taps are contiguous. */
export function loadPhases(b: Block, u: i32, slots: usize): void {
  const x = u - b.padX, row = b.line * <usize>b.strideZ, rows = inputRows(b);
  let plane = slots + <usize>(u % b.kernelX) * slotBytes(b);
  memory.fill(plane, 0, <usize>(b.channels * rows) * row);
  if (x < 0 || x >= b.x) return;
  const last = min(b.z, (b.convZ - 1) * b.strideZ + b.kernelZ - b.padZ);
  for (let c = 0; c < b.channels; c++) {
    for (let v = 0; v < rows; v++, plane += row) {
      const y = v - b.padY;
      if (y < 0 || y >= b.y) continue;
      const source = b.input + (<usize>((c * b.x + x) * b.y + y) * <usize>b.z << 2);
      if (b.strideZ == 1) memory.copy(plane + (<usize>b.padZ << 2), source, <usize>max(last, 0) << 2);
      else splitPhases(b, source, last, plane);
    }
  }
}
function splitPhases(b: Block, source: usize, count: i32, row: usize): void {
  let phase = b.padZ % b.strideZ, p = row + <usize>phase * b.line + (<usize>(b.padZ / b.strideZ) << 2), z = 0;
  if (b.strideZ == 2) {
    let even = p, odd = phase ? row + (<usize>(b.padZ / 2 + 1) << 2) : p + b.line;
    for (; z + 8 <= count; z += 8, source += 32, even += 16, odd += 16) {
      const a = v128.load(source), d = v128.load(source, 16);
      v128.store(even, v128.shuffle<f32>(a, d, 0, 2, 4, 6));
      v128.store(odd, v128.shuffle<f32>(a, d, 1, 3, 5, 7));
    }
    p = even;
  }
  for (; z < count; z++, source += 4) {
    f32.store(p, f32.load(source));
    p += b.line;
    if (++phase == b.strideZ) {
      phase = 0;
      p -= b.line * <usize>b.strideZ - 4;
    }
  }
}

/** The places that plane x of the convolution reads, from the first column of a row of slot 0 on: [channel][kernel]. */
function listPlaces(b: Block, x: i32, list: usize): void {
  const row = b.line * <usize>b.strideZ, slot = slotBytes(b), channel = <usize>inputRows(b) * row;
  for (let n = 0; n < b.channels; n++) {
    for (let i = 0; i < b.kernelX; i++) {
      let r = <usize>((x * b.strideX + i) % b.kernelX) * slot + <usize>n * channel;
      for (let j = 0; j < b.kernelY; j++, r += row) {
        for (let l = 0; l < b.kernelZ; l++, list += 4) {
          store<u32>(list, <u32>(r + <usize>(l % b.strideZ) * b.line + (<usize>(l / b.strideZ) << 2)));
        }
      }
    }
  }
}

/** Plane x of the convolution, all channels: [outputs, rounded up to 4][convY][convLine]. The list is written for it. */
export function convolvePlane(b: Block, x: i32, slots: usize, list: usize, target: usize): void {
  const row = b.line * <usize>b.strideZ * <usize>b.strideY, lines = <usize>b.convY * b.convLine;
  const count = b.channels * b.kernelX * b.kernelY * b.kernelZ;
  listPlaces(b, x, list);
  for (let c = 0; c < b.outputs; ) {
    const bias = b.bias + (<usize>c << 2), weights = b.weights + (<usize>((c >> 2) * count) << 4) + (<usize>(c & 3) << 2);
    const four = !(c & 3) && b.outputs - c > 2;
    for (let y = 0; y < b.convY; y++) {
      let out = target + <usize>c * lines + <usize>y * b.convLine, p = slots + <usize>y * row;
      if (four) for (let z = 0; z < b.convZ; z += 8, out += 32, p += 32) fourSums(list, count, p, weights, bias, out, lines);
      else for (let z = 0; z < b.convZ; z += 16, out += 64, p += 64) oneSum(list, count, p, weights, bias, out);
    }
    c += four ? 4 : 1;
  }
}
