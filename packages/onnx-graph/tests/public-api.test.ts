import * as api from "@voxplain/onnx-graph";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "attribute",
    "channelAxisOf",
    "channelAxisOfInput",
    "checkInferenceOnly",
    "decodeModel",
    "einsumTerms",
    "encodeModel",
    "float32Weight",
    "floatAttribute",
    "foldBatchNormalization",
    "foldConstants",
    "graphBuilder",
    "inferConstants",
    "inferShapes",
    "inlineConstantIfs",
    "intAttribute",
    "intsAttribute",
    "isInMemory",
    "modelOf",
    "normalizesByBatch",
    "readInitializer",
    "renamedNode",
    "simplify",
    "sortNodes",
    "spellBatchStatistics",
    "stringAttribute",
    "toFloat32",
    "upgradeOpset",
    "validateGraph",
    "windowOf",
    "withFreeBatch",
    "withoutDeadNodes",
  ]);
});
