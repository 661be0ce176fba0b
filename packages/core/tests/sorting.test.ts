import { midranks, orderOfKeys, sortedOrder } from "@voxplain/core";
import { expect, it } from "vitest";

it("floats of both signs are sorted, equal ones in their order, −0 as 0", () => {
  const values = Float32Array.of(0, -3, 1e-40, -0, 2, -3, Number.POSITIVE_INFINITY, -1e30);
  expect([...sortedOrder(values)]).toEqual([7, 1, 5, 0, 3, 2, 4, 6]);
});

it("keys are sorted as the numbers that they are, equal ones in their order", () => {
  let state = 3;
  const keys = Uint32Array.from({ length: 3000 }, (_, n) => {
    state = Math.imul(state, 1664525) + 1013904223;
    return n % 3 === 0 ? state & 0xf : state;
  });
  const expected = Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
  expect([...orderOfKeys(keys)]).toEqual(expected);
});

it("equal values share the middle of their ranks, as in scipy.stats.rankdata", () => {
  expect([...midranks(Float32Array.of(5, -1, 5, 0, -0, 5))]).toEqual([5, 1, 5, 2.5, 2.5, 5]);
  expect([...midranks(new Float32Array(0))]).toEqual([]);
});
