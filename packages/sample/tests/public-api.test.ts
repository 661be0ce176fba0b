import * as api from "@voxplain/sample";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api)).toEqual(["sample"]);
});
