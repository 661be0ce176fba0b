import * as api from "@voxplain/runtime-node";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual(["nodeDevices", "nodeRuntime"]);
});
