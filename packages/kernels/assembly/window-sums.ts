/** The eight sums of the windows of four cells, to the same bits as their kernels have them: 16 bytes of each position, in scan order. */

/** Bytes from one transformed position to the next in the products of `winogradOne`. */
export const STEP: usize = 768;

/** From the products of a group of a tile. */
export function sumsOfTile(m: usize, bias: v128, sums: usize): void {
  for (let i = 0; i < 2; i++, m += 16, sums += 64) {
    let s0 = bias, s1 = bias, s2 = bias, s3 = bias, p = m;
    for (let z = 0; z < 4; z++, p += STEP * 4) {
      const m0 = v128.load(p), m1 = v128.load(p, STEP), m2 = v128.load(p, STEP * 2), m3 = v128.load(p, STEP * 3);
      const e = f32x4.add(f32x4.add(m0, m1), m2), o = f32x4.sub(f32x4.sub(m1, m2), m3);
      if (z < 3) { s0 = f32x4.add(s0, e); s2 = f32x4.add(s2, o); }
      if (z == 1) { s1 = f32x4.add(s1, e); s3 = f32x4.add(s3, o); }
      if (z > 1) { s1 = f32x4.sub(s1, e); s3 = f32x4.sub(s3, o); }
    }
    v128.store(sums, s0); v128.store(sums, s1, 16); v128.store(sums, s2, 32); v128.store(sums, s3, 48);
  }
}

/** From the sums along x and y of `winogradMany`. */
export function sumsOfWindow(half: usize, bias: v128, sums: usize): void {
  for (let i = 0; i < 4; i++, half += 64, sums += 32) {
    const t0 = v128.load(half), t1 = v128.load(half, 16), t2 = v128.load(half, 32), t3 = v128.load(half, 48);
    v128.store(sums, f32x4.add(f32x4.add(f32x4.add(bias, t0), t1), t2));
    v128.store(sums, f32x4.sub(f32x4.sub(f32x4.add(bias, t1), t2), t3), 16);
  }
}
