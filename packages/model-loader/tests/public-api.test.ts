import { expect, it } from "vitest";
import * as api from "../src/index.ts";

it("exports these names and no others", () => {
  expect(Object.keys(api).sort()).toEqual([
    "architectures",
    "buildNetwork",
    "channelsFirst",
    "defaultSelection",
    "describeFolder",
    "describeOnnx",
    "expectedInputDims",
    "findSelection",
    "loadNetwork",
    "onnxNetwork",
    "openImageNetwork",
    "openModelFolder",
    "parseCommandline",
    "reconstructionRefusal",
    "surveyFolder",
    "votingPredictions",
  ]);
});
