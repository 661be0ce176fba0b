import * as api from "@voxplain/study";
import * as node from "@voxplain/study/node";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "affineOfBox",
    "atIntensities",
    "checkNames",
    "chooseRows",
    "cohortTables",
    "cohortWarnings",
    "collectImages",
    "explainCohort",
    "findNetworks",
    "folderIn",
    "groupMaps",
    "labelOf",
    "listSessions",
    "metricsOf",
    "metricsTable",
    "networkSlot",
    "nothingRecognised",
    "openCapsFolder",
    "openCohort",
    "openImages",
    "openModel",
    "plan",
    "positiveLabel",
    "predictCohort",
    "predictionTable",
    "problemList",
    "readLabelLists",
    "recogniseFiles",
    "sessionKey",
    "sessionPrediction",
    "trainedLabels",
    "unopenedCohort",
    "withNumberedLabels",
  ]);
  expect(Object.keys(node).sort()).toEqual([
    "capsAt",
    "cohortAt",
    "fileAt",
    "imagesAt",
    "inputRecords",
    "labelsAt",
    "masksAt",
    "modelAt",
    "modelRecord",
  ]);
});
