import { encodeJson } from "@voxplain/writers";
import { describe, expect, it } from "vitest";
import { fixture, jsonFixture } from "./fixture.ts";

const text = (value: unknown) => new TextDecoder().decode(encodeJson(value));

describe("encodeJson", () => {
  it("writes the same bytes as Python's json.dumps(indent=4)", () => {
    expect(text(jsonFixture("document.json"))).toBe(new TextDecoder().decode(fixture("document.json")));
  });

  it.each<[string, unknown, string]>([
    ["−0 with its sign", -0, "-0.0\n"],
    ["NaN and the infinities as null", [Number.NaN, Number.POSITIVE_INFINITY], "[\n    null,\n    null\n]\n"],
    ["a typed array as a list", Float32Array.of(0.5, 2), "[\n    0.5,\n    2\n]\n"],
    ["a date as ISO text", new Date(0), '"1970-01-01T00:00:00.000Z"\n'],
    ["no key without value", { a: undefined, b: 1 }, '{\n    "b": 1\n}\n'],
    ["integers beyond 2^53", 2n ** 60n, "1152921504606846976\n"],
  ])("writes %s", (_, value, expected) => {
    expect(text(value)).toBe(expected);
  });

  it("names the key of what JSON cannot hold", () => {
    expect(() => encodeJson({ a: [1, { b: () => 1 }] })).toThrow(
      'the JSON value at "a.1.b" is of type function',
    );
  });

  it("refuses an object that contains itself", () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(() => encodeJson(loop)).toThrow("contains itself");
  });
});
