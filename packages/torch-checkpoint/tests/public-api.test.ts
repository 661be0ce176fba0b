import * as api from "@voxplain/torch-checkpoint";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "isTensor",
    "openCheckpoint",
    "rootTensor",
    "stateDict",
    "stateDicts",
  ]);
});
