import * as api from "@voxplain/cli";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api)).toEqual(["main"]);
});
