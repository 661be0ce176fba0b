import * as api from "@voxplain/saliency";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "differentiableModel",
    "explain",
    "gradients",
    "groupMean",
    "methods",
    "parseMethodOption",
    "predict",
  ]);
});
