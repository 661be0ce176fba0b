import * as api from "@voxplain/runtime-web";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual(["webDevices", "webRuntime"]);
});
