/**
 * Sums of weights times values at a list of places: what a convolution of any kernel and step, and its gradient, spend their time on.
 * The list has the distance in bytes from a position to each of its values; adjacent positions share it.
 */

/** Terms that are summed before they are added to the sums of those before: errors grow with the number of terms in a row. */
const TERMS: i32 = 16;

/** Four sums at each of eight positions from p on, to four lines. `weights`: four per place; `start`: four numbers that the sums begin with. */
export function fourSums(list: usize, count: i32, p: usize, weights: usize, start: usize, out: usize, lines: usize): void {
  const end = list + (<usize>max(count, 0) << 2), out1 = out + lines, out2 = out1 + lines, out3 = out2 + lines;
  let t = v128.load_splat<f32>(start);
  v128.store(out, t); v128.store(out, t, 16);
  t = v128.load_splat<f32>(start, 4);
  v128.store(out1, t); v128.store(out1, t, 16);
  t = v128.load_splat<f32>(start, 8);
  v128.store(out2, t); v128.store(out2, t, 16);
  t = v128.load_splat<f32>(start, 12);
  v128.store(out3, t); v128.store(out3, t, 16);
  while (list < end) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
    for (const most = min(end, list + TERMS * 4); list < most; list += 4, weights += 16) {
      const r = p + <usize>load<u32>(list), a = v128.load(r), d = v128.load(r, 16);
      t = v128.load_splat<f32>(weights);
      s0 = f32x4.add(s0, f32x4.mul(t, a)); q0 = f32x4.add(q0, f32x4.mul(t, d));
      t = v128.load_splat<f32>(weights, 4);
      s1 = f32x4.add(s1, f32x4.mul(t, a)); q1 = f32x4.add(q1, f32x4.mul(t, d));
      t = v128.load_splat<f32>(weights, 8);
      s2 = f32x4.add(s2, f32x4.mul(t, a)); q2 = f32x4.add(q2, f32x4.mul(t, d));
      t = v128.load_splat<f32>(weights, 12);
      s3 = f32x4.add(s3, f32x4.mul(t, a)); q3 = f32x4.add(q3, f32x4.mul(t, d));
    }
    v128.store(out, f32x4.add(v128.load(out), s0)); v128.store(out, f32x4.add(v128.load(out, 16), q0), 16);
    v128.store(out1, f32x4.add(v128.load(out1), s1)); v128.store(out1, f32x4.add(v128.load(out1, 16), q1), 16);
    v128.store(out2, f32x4.add(v128.load(out2), s2)); v128.store(out2, f32x4.add(v128.load(out2, 16), q2), 16);
    v128.store(out3, f32x4.add(v128.load(out3), s3)); v128.store(out3, f32x4.add(v128.load(out3, 16), q3), 16);
  }
}

/** One sum at each of sixteen positions: the first of the four weights. */
export function oneSum(list: usize, count: i32, p: usize, weights: usize, start: usize, out: usize): void {
  const end = list + (<usize>max(count, 0) << 2), first = v128.load_splat<f32>(start);
  v128.store(out, first); v128.store(out, first, 16); v128.store(out, first, 32); v128.store(out, first, 48);
  while (list < end) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (const most = min(end, list + TERMS * 4); list < most; list += 4, weights += 16) {
      const r = p + <usize>load<u32>(list), t = v128.load_splat<f32>(weights);
      s0 = f32x4.add(s0, f32x4.mul(t, v128.load(r)));
      s1 = f32x4.add(s1, f32x4.mul(t, v128.load(r, 16)));
      s2 = f32x4.add(s2, f32x4.mul(t, v128.load(r, 32)));
      s3 = f32x4.add(s3, f32x4.mul(t, v128.load(r, 48)));
    }
    v128.store(out, f32x4.add(v128.load(out), s0)); v128.store(out, f32x4.add(v128.load(out, 16), s1), 16);
    v128.store(out, f32x4.add(v128.load(out, 32), s2), 32); v128.store(out, f32x4.add(v128.load(out, 48), s3), 48);
  }
}

/** Are the values of four positions all 0? */
export function allZero(list: usize, count: i32, p: usize): bool {
  for (; count > 0; count--, list += 4) {
    if (v128.any_true(f32x4.ne(v128.load(p + <usize>load<u32>(list)), f32x4.splat(0)))) return false;
  }
  return true;
}
