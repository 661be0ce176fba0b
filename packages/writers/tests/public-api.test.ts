import * as api from "@voxplain/writers";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "coldHotColor",
    "colourLimit",
    "coolwarm",
    "describeOutput",
    "encodeJson",
    "encodeNifti",
    "encodeNiftiGz",
    "encodeProvenance",
    "encodeTable",
    "encodeTablePieces",
    "mapStatistics",
    "sha256",
  ]);
});
