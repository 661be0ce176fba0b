import * as api from "@voxplain/group-analysis";
import * as node from "@voxplain/group-analysis/node";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "agreement",
    "clusters",
    "compareMaps",
    "countRelabellings",
    "design",
    "falseDiscoveryRate",
    "fitMap",
    "inThisThread",
    "labelNumbers",
    "localization",
    "meanMap",
    "onGrid",
    "prepareMap",
    "regionAtlas",
    "regionTable",
    "relabellingAt",
    "relabellings",
    "resampleLabels",
    "resampleMask",
    "runningMean",
    "sameGrid",
    "smooth",
    "startRelabellings",
    "tfce",
    "typicality",
  ]);
  expect(Object.keys(node).sort()).toEqual(["fileStore", "threads"]);
});
