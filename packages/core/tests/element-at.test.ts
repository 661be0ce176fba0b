import { elementAt } from "@voxplain/core";
import { expect, it } from "vitest";

it("gives an element that exists, and names a place that does not", () => {
  expect(elementAt([4, 5], 1)).toBe(5);
  expect(elementAt(Float32Array.of(0), 0)).toBe(0);
  for (const index of [2, -1, 0.5])
    expect(() => elementAt([4, 5], index)).toThrow(`there is no element ${index} among 2`);
});
