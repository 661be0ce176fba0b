import { isObject, parseJson } from "@voxplain/core";
import { expect, it } from "vitest";

it("JSON is read as the platform reads it", () => {
  for (const text of ['{"a": [1, "]\\"[", null]}', "3", '"[[["', "[[[]]]"])
    expect(parseJson(text)).toEqual(JSON.parse(text));
  for (const text of ["", "{", '{"a": "b', "[1,]", "]"]) expect(() => parseJson(text)).toThrow(SyntaxError);
});

it("JSON that is nested so deep that a stack would not hold it is refused", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  expect(() => parseJson(nested(100))).not.toThrow();
  expect(() => parseJson(nested(101))).toThrow("nested more than 100 deep");
  expect(() => parseJson('{"a":'.repeat(100_000))).toThrow(SyntaxError);
});

it("an object is no list, and not null", () => {
  expect([{}, [], null, "a", undefined].map(isObject)).toEqual([true, false, false, false, false]);
});
