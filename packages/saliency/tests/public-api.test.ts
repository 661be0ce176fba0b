import * as api from "@voxplain/saliency";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "absolute",
    "differentiableModel",
    "expectedGradients",
    "explain",
    "gradCam",
    "gradCamPlusPlus",
    "gradients",
    "groupMean",
    "hiResCam",
    "inputTimesGradient",
    "integratedGradients",
    "kernelShap",
    "layerCam",
    "methods",
    "multiply",
    "occlusion",
    "parseMethodOption",
    "predict",
    "regionOcclusion",
    "smoothGrad",
    "smoothGradSquared",
    "squared",
    "varGrad",
  ]);
});
