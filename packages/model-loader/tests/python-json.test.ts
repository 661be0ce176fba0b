import { describe, expect, it } from "vitest";
import { parsePythonJson } from "../src/settings/python-json.ts";

describe("JSON of Python", () => {
  it("has numbers that are none, or without end", () => {
    expect(parsePythonJson('{"a": NaN, "b": [Infinity, -Infinity, -1.5], "c": {"d": NaN}}')).toEqual({
      a: Number.NaN,
      b: [Infinity, -Infinity, -1.5],
      c: { d: Number.NaN },
    });
    expect(parsePythonJson("NaN")).toBeNaN();
  });

  it("keeps the same words inside of texts and keys", () => {
    const value = { NaN: "NaN", 'a "b': 'x", NaN, "y', Infinity: "-Infinity \\", "number:NaN": "number:NaN" };
    expect(parsePythonJson(`{"x": NaN, ${JSON.stringify(value).slice(1)}`)).toEqual({
      x: Number.NaN,
      ...value,
    });
  });

  it("takes the last of two values of a key, as Python does", () => {
    expect(parsePythonJson('{"a": 1, "a": NaN, "b": NaN, "b": 2}')).toEqual({ a: Number.NaN, b: 2 });
  });

  it.each([
    ["{'a': 1}"],
    ["NaNN"],
    ["[nan]"],
    ["[+Infinity]"],
    ["{NaN: 1}"],
    ['{"a": NaN'],
    ['"abc'],
    ["-"],
    [""],
  ])("refuses %s", (text) => expect(() => parsePythonJson(text)).toThrow(SyntaxError));

  it("refuses what is nested without end", () => {
    expect(() => parsePythonJson("[".repeat(1e6))).toThrow(/nested more than 100 deep/);
    expect(() => parsePythonJson(`{"a":NaN,"b":${"[".repeat(1e6)}`)).toThrow(SyntaxError);
  });
});
