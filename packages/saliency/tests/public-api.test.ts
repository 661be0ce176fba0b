import * as api from "@voxplain/saliency";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "absolute",
    "classificationMetrics",
    "deconvolution",
    "deepLift",
    "differentiableModel",
    "expectedGradients",
    "explain",
    "gradCam",
    "gradCamPlusPlus",
    "gradients",
    "groupMean",
    "guidedBackpropagation",
    "hiResCam",
    "inputTimesGradient",
    "integratedGradients",
    "kernelShap",
    "layerCam",
    "lrp",
    "methods",
    "multiply",
    "occlusion",
    "parseMethodOption",
    "predict",
    "recomposition",
    "regionOcclusion",
    "smoothGrad",
    "smoothGradSquared",
    "softVote",
    "squared",
    "uniformWeights",
    "varGrad",
    "votingWeights",
  ]);
});
