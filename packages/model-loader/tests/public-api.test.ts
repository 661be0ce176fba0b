import { expect, it } from "vitest";
import * as api from "../src/index.ts";

it("exports these names and no others", () => {
  expect(Object.keys(api).sort()).toEqual([
    "architectures",
    "buildNetwork",
    "channelsFirst",
    "clinicadlMaps",
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
    "sizedGroups",
    "surveyFolder",
    "trainingOptions",
    "votingPredictions",
    "writtenOptions",
  ]);
});
