/**
 * Divides a long calculation. Engines load everything that a basic block needs at its beginning, more than the processor has registers,
 * so that each value goes to the stack and comes back, and postpone sums until somebody needs them. An exit that is never taken, but
 * would need all values calculated so far, ends the block. `address` is that of any place in use: it is below all of `limit`, and each
 * exit of a function needs a limit of its own, as engines know the outcome of a comparison that they have seen.
 */
// @ts-ignore: decorator
@inline
export function divide(
  address: usize, limit: usize, a: v128, b: v128, c: v128 = a, d: v128 = a, e: v128 = a, f: v128 = a, g: v128 = a, h: v128 = a, i: v128 = a,
): void {
  if (address >= 0xffff_0000 + limit) {
    v128.store(0, a);
    v128.store(16, b);
    v128.store(32, c);
    v128.store(48, d);
    v128.store(64, e);
    v128.store(80, f);
    v128.store(96, g);
    v128.store(112, h);
    v128.store(128, i);
    unreachable();
  }
}
