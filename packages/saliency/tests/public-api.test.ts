import * as api from "@voxplain/saliency";
import { expect, it } from "vitest";
import * as registry from "../src/methods/index.ts";

it("exports what it promises and nothing else", () => {
  const ofMethods = new Set(Object.keys(registry));
  const others = Object.keys(api).filter((name) => !ofMethods.has(name));
  expect(others.sort()).toEqual([
    "checkDifferentiable",
    "checkLayers",
    "classificationMetrics",
    "completeness",
    "createMethod",
    "defaultText",
    "deletionAndInsertion",
    "deletionAndInsertionPasses",
    "differentiableModel",
    "explain",
    "greyMean",
    "groupMean",
    "infidelity",
    "infidelityPasses",
    "isSmallInput",
    "maxSensitivity",
    "maxSensitivityPasses",
    "methodEntries",
    "multiply",
    "parameterRandomization",
    "parameterRandomizationPasses",
    "parseMethodOption",
    "predict",
    "predictEach",
    "recomposition",
    "refinementWarning",
    "regressionMetrics",
    "runWarnings",
    "selfTest",
    "shapeMisfit",
    "snakeCase",
    "softVote",
    "toGreys",
    "uniformWeights",
    "votingWeights",
    "warningCode",
    "watchedModel",
    "withForwardMethods",
    "writtenOptions",
  ]);
});

it("exports the functions of methods, and their table", () => {
  expect(api).toMatchObject({ ...registry });
  for (const name of ["gradients", "integratedGradients", "kernelShap", "methods", "smoothGrad"])
    expect(registry).toHaveProperty(name);
});
