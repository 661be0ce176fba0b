import { Block } from "./block";
import { NEGATIVE, NOTHING } from "./convolve64";

/**
 * Lets the gradient through every activation, as deconvolution has it: a value that is not above 0 hands on what it gets. Behind a ReLU all
 * values of a window may be 0; then the first of them is its maximum. Planes of the output are counted.
 */
export function letThrough(at: usize, scratch: usize, from: i32, to: i32): void {
  const b = changetype<Block>(at);
  const isMaximum = b.pooling == 1;
  const planes = isMaximum ? b.outX : b.convX;
  const plane = isMaximum ? <usize>(b.outY * b.outZ) : <usize>(b.convY * b.convZ);
  const first = <usize>(<i64>from * planes / b.outX), last = <usize>(<i64>to * planes / b.outX);
  for (let c = 0; c < b.outputs; c++) {
    const stops = f32.load(b.slopes + (<usize>c << 2)) == 0;
    const kept: i32 = stops || !isMaximum ? 0 : NEGATIVE - 1;
    const codes = b.codes + <usize>(c * planes) * plane, end = codes + last * plane;
    let p = codes + first * plane;
    for (; p + 16 <= end; p += 16) {
      const v = v128.load(p), off = i8x16.lt_s(v, i8x16.splat(0)), nothing = i8x16.eq(v, i8x16.splat(-1));
      v128.store(p, v128.bitselect(v128.and(v, i8x16.splat(<i8>kept)), v, v128.andnot(off, nothing)));
    }
    for (; p < end; p++) {
      const code = <i32>load<u8>(p);
      if (code >= NEGATIVE && code != NOTHING) store<u8>(p, <u8>(code & kept));
    }
  }
}
