import * as api from "@voxplain/caps-io";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "checkPreprocessing",
    "classOfDiagnosis",
    "diagnosisClasses",
    "imagePaths",
    "locateImage",
    "locateImages",
    "minMaxInPlace",
    "preprocessings",
    "readAffine",
    "readImage",
    "readImages",
    "readLabels",
    "readNifti",
    "readTrainingLabels",
  ]);
});
