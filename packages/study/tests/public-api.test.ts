import * as api from "@voxplain/study";
import * as node from "@voxplain/study/node";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual(["openModel"]);
  expect(Object.keys(node).sort()).toEqual(["capsAt", "fileAt", "labelsAt", "modelAt"]);
});
