import { expect, it } from "vitest";
import { wilsonInterval } from "../src/report/wilson-interval.ts";

it.each([
  [17, 20],
  [0, 10],
  [10, 10],
  [1, 1],
  [199, 200],
])("contains the shares whose test by the normal distribution does not refuse %i of %i", (right, count) => {
  const [from, to] = wilsonInterval(right, count);
  const distance = (share: number) =>
    Math.abs(right / count - share) / Math.sqrt((share * (1 - share)) / count);
  // Its ends are the shares that are exactly 1.96 standard errors away, but for 0 and 1.
  if (right > 0) expect(distance(from)).toBeCloseTo(1.959964, 5);
  else expect(from).toBe(0);
  if (right < count) expect(distance(to)).toBeCloseTo(1.959964, 5);
  else expect(to).toBe(1);
});
