import { describe, expect, it } from "vitest";
import { millimetreText, numberText, scaleTicks } from "../../src/pictures/number-text.ts";

describe("numberText", () => {
  it.each([
    [0, "0", 0],
    [0.128, "+0.128", 0],
    [-0.0421, "\u22120.0421", 0],
    [-1.534e-4, "\u22121.53", -4],
    [-250, "\u2212250", 0],
    [9990, "+9990", 0],
    [9999, "+1.00", 4],
    [9.9999e-7, "+1.00", -6],
    [123456, "+1.23", 5],
    [12.345, "+12.3", 0],
    [5e-324, "+5.00", -324],
  ])("writes %d with its sign and three digits", (value, digits, exponent) => {
    expect(numberText(value)).toEqual({ digits, exponent });
  });
});

describe("scaleTicks", () => {
  it.each([
    [1, ["+1.0", "+0.5", "0", "\u22120.5", "\u22121.0"], 0],
    [0.042, ["+0.042", "+0.021", "0", "\u22120.021", "\u22120.042"], 0],
    [2.5e-4, ["+2.50", "+1.25", "0", "\u22121.25", "\u22122.50"], -4],
    [5e-324, ["+5.0", "+2.5", "0", "\u22122.5", "\u22125.0"], -324],
    [20000, ["+2", "+1", "0", "\u22121", "\u22122"], 4],
    [Math.PI, ["+3.14", "+1.57", "0", "\u22121.57", "\u22123.14"], 0],
  ])("gives %d five signed ticks of equal precision", (vmax, ticks, exponent) => {
    expect(scaleTicks(vmax)).toEqual({ ticks, exponent });
  });
});

describe("millimetreText", () => {
  it.each([
    [-24, "\u221224"],
    [15.66, "15.7"],
    [-0.04, "0"],
  ])("writes %d to a tenth", (value, text) => {
    expect(millimetreText(value)).toBe(text);
  });
});
