import { expect, it } from "vitest";
import * as api from "../src/index.ts";
import * as runner from "../src/thread.ts";

it("exports these names and no others", () => {
  expect(Object.keys(api).sort()).toEqual([
    "blockKernels",
    "isComputable",
    "kernelNames",
    "kernelProgram",
    "leadingProgram",
  ]);
});

it("exports what a thread runs by another entry", () => {
  expect(Object.keys(runner).sort()).toEqual([
    "helpKernels",
    "helperEnded",
    "joinedRows",
    "openKernels",
    "rowOf",
  ]);
});
