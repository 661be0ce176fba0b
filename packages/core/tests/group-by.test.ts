import { groupBy } from "@voxplain/core";
import { expect, it } from "vitest";

it("groups items by a key, groups and items in the order in which they came first", () => {
  const groups = groupBy(["b1", "a1", "b2", "c1", "a2"], (item) => item[0]);
  expect([...groups]).toEqual([
    ["b", ["b1", "b2"]],
    ["a", ["a1", "a2"]],
    ["c", ["c1"]],
  ]);
});

it("takes anything that can be iterated, once", () => {
  expect([...groupBy([5, 6, 5].keys(), (index) => index % 2).values()]).toEqual([[0, 2], [1]]);
  expect(groupBy([], String).size).toBe(0);
});
