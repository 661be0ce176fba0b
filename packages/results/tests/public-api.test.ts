import * as api from "@voxplain/results";
import * as findings from "@voxplain/results/findings";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "atlasAt",
    "checkTarget",
    "checkTaskName",
    "checkedOf",
    "commonSessions",
    "compareSources",
    "comparisonFacts",
    "comparisonSummary",
    "findingFiles",
    "groupMapFiles",
    "imageName",
    "individualMapFiles",
    "mapName",
    "maskAt",
    "openMapSet",
    "planComparison",
    "readResults",
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
  expect(Object.keys(findings).sort()).toEqual([
    "compareSources",
    "comparisonFacts",
    "comparisonSummary",
    "findingFiles",
    "mapSetOf",
    "mapSource",
    "planComparison",
    "readAtlas",
    "readJobMaps",
    "readMaskImage",
    "sessionFolders",
    "writeComparison",
    "writeRegions",
  ]);
});
