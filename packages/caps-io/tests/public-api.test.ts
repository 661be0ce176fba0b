import * as api from "@voxplain/caps-io";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "channelLayout",
    "channelsInFront",
    "checkChannels",
    "checkPreprocessing",
    "classOfDiagnosis",
    "decodeNpy",
    "diagnosisClasses",
    "imagePaths",
    "isFailure",
    "locateImage",
    "locateImages",
    "locateSessions",
    "minMaxInPlace",
    "missingSessions",
    "preprocessings",
    "readAffine",
    "readCohorts",
    "readImage",
    "readImageFile",
    "readImages",
    "readLabels",
    "readNifti",
    "readPartPredictions",
    "readSessions",
    "readTrainingLabels",
    "readUnlabelled",
    "toGrey",
    "toImageGradient",
    "toRawIntensities",
    "toRgb",
  ]);
});
