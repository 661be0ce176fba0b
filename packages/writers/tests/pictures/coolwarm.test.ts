import { coolwarm, coolwarmColor } from "@voxplain/writers/pictures";
import { describe, expect, it } from "vitest";
import { jsonFixture } from "../fixture.ts";

const expected = jsonFixture("coolwarm.json") as {
  readonly table: readonly (readonly number[])[];
  readonly positions: readonly number[];
  readonly colors: readonly (readonly number[])[];
};

describe("coolwarm", () => {
  it("has matplotlib's 256 colours to the bit", () => {
    expect(coolwarm).toEqual(expected.table);
  });

  it("chooses among them as matplotlib does, at the ends and beyond too", () => {
    expect(expected.positions.map(coolwarmColor)).toEqual(expected.colors);
  });
});
