import * as api from "@voxplain/results";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "checkTaskName",
    "checkedOf",
    "groupMapFiles",
    "imageName",
    "individualMapFiles",
    "recordedFiles",
    "refuseSameNames",
    "sessionFolders",
    "stopwatch",
    "strongestOfPale",
    "taskFolder",
    "writeChecks",
    "writeExplanation",
    "writeRecords",
    "writeTables",
  ]);
});
