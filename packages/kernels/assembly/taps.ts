/**
 * Sums of weights times values at a list of places: what a convolution of any kernel and step, and its gradient, spend their time on.
 * The list has the distance in bytes from a position to each of its values; positions that lie beside each other share it.
 */

/** Four sums at each of eight positions from p on, to four lines. `weights`: four per place; `start`: four numbers that the sums begin with. */
export function fourSums(list: usize, count: i32, p: usize, weights: usize, start: usize, out: usize, lines: usize): void {
  let s0 = v128.load_splat<f32>(start), s1 = v128.load_splat<f32>(start, 4);
  let s2 = v128.load_splat<f32>(start, 8), s3 = v128.load_splat<f32>(start, 12);
  let q0 = s0, q1 = s1, q2 = s2, q3 = s3;
  for (; count > 0; count--, list += 4, weights += 16) {
    const r = p + <usize>load<u32>(list), a = v128.load(r), d = v128.load(r, 16);
    let t = v128.load_splat<f32>(weights);
    s0 = f32x4.add(s0, f32x4.mul(t, a)); q0 = f32x4.add(q0, f32x4.mul(t, d));
    t = v128.load_splat<f32>(weights, 4);
    s1 = f32x4.add(s1, f32x4.mul(t, a)); q1 = f32x4.add(q1, f32x4.mul(t, d));
    t = v128.load_splat<f32>(weights, 8);
    s2 = f32x4.add(s2, f32x4.mul(t, a)); q2 = f32x4.add(q2, f32x4.mul(t, d));
    t = v128.load_splat<f32>(weights, 12);
    s3 = f32x4.add(s3, f32x4.mul(t, a)); q3 = f32x4.add(q3, f32x4.mul(t, d));
  }
  v128.store(out, s0); v128.store(out, q0, 16);
  out += lines; v128.store(out, s1); v128.store(out, q1, 16);
  out += lines; v128.store(out, s2); v128.store(out, q2, 16);
  out += lines; v128.store(out, s3); v128.store(out, q3, 16);
}

/** One sum at each of sixteen positions: the first of the four weights. */
export function oneSum(list: usize, count: i32, p: usize, weights: usize, start: usize, out: usize): void {
  let s0 = v128.load_splat<f32>(start), s1 = s0, s2 = s0, s3 = s0;
  for (; count > 0; count--, list += 4, weights += 16) {
    const r = p + <usize>load<u32>(list), t = v128.load_splat<f32>(weights);
    s0 = f32x4.add(s0, f32x4.mul(t, v128.load(r)));
    s1 = f32x4.add(s1, f32x4.mul(t, v128.load(r, 16)));
    s2 = f32x4.add(s2, f32x4.mul(t, v128.load(r, 32)));
    s3 = f32x4.add(s3, f32x4.mul(t, v128.load(r, 48)));
  }
  v128.store(out, s0); v128.store(out, s1, 16); v128.store(out, s2, 32); v128.store(out, s3, 48);
}

/** Are the values of four positions all 0? */
export function allZero(list: usize, count: i32, p: usize): bool {
  for (; count > 0; count--, list += 4) {
    if (v128.any_true(f32x4.ne(v128.load(p + <usize>load<u32>(list)), f32x4.splat(0)))) return false;
  }
  return true;
}
