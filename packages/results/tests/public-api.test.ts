import * as api from "@voxplain/results";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "atlasAt",
    "checkTarget",
    "checkTaskName",
    "checkedOf",
    "commonSessions",
    "findingFiles",
    "groupMapFiles",
    "imageName",
    "individualMapFiles",
    "mapName",
    "maskAt",
    "openMapSet",
    "recordedFiles",
    "refuseSameNames",
    "sessionFolders",
    "stopwatch",
    "strongestOfPale",
    "taskFolder",
    "writeAgreement",
    "writeChecks",
    "writeComparison",
    "writeExplanation",
    "writeLocalization",
    "writeRecords",
    "writeRegions",
    "writeTables",
  ]);
});
