import { describe, expect, it } from "vitest";
import { headWindow } from "../../src/pictures/windowing.ts";

describe("headWindow", () => {
  it("looks at the head and not at the air around it, however much there is", () => {
    const head = Float32Array.from({ length: 1000 }, (_, n) => 400 + n);
    const anatomy = new Float32Array(5000);
    anatomy.set(head, 2000);
    // 2 % and 99.5 % of ranks 0 to 999, floored: 19 and 994.
    expect(headWindow(anatomy)).toEqual({ low: 419, high: 1394 });
  });

  it.each([
    ["is 0", 0],
    ["is the same everywhere", 7],
  ])("is finite for an image that %s", (_, value) => {
    const { low, high } = headWindow(new Float32Array(50).fill(value));
    expect(low).toBe(value);
    expect(high).toBe(value);
  });

  it("is finite for an image without a finite value", () => {
    expect(headWindow(new Float32Array(3).fill(Number.NaN))).toEqual({ low: 0, high: 1 });
  });
});
