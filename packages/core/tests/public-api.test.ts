import * as api from "@voxplain/core";
import * as node from "@voxplain/core/node";
import * as testing from "@voxplain/core/testing";
import * as web from "@voxplain/core/web";
import { expect, it } from "vitest";

it("exports what it promises and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "VoxplainError",
    "affineProblem",
    "allSteps",
    "allocate",
    "axisCodes",
    "blobReader",
    "bytesPerElement",
    "bytesReader",
    "channelSum",
    "checkRange",
    "closestAxes",
    "cornerDistance",
    "decodeNpy",
    "decodeText",
    "decodeUnicode",
    "determinant",
    "eager",
    "elementAt",
    "elementCount",
    "encodeNpy",
    "errorAt",
    "firstChannel",
    "float32Values",
    "fromBytes",
    "gather",
    "groupBy",
    "identityAffine",
    "indexOfVoxel",
    "isSamePosition",
    "isVoxplainError",
    "joinPath",
    "knownPosition",
    "mapVolume",
    "memoryFiles",
    "midranks",
    "nearestVoxel",
    "nextTask",
    "npyHeaderBytes",
    "numpyTypes",
    "onAbort",
    "orderOfKeys",
    "pauses",
    "pointAt",
    "preparedImages",
    "preprocessings",
    "quantiles",
    "readFile",
    "readNpyHeader",
    "readText",
    "resizeLinear",
    "rowMajorStrides",
    "sortByKey",
    "sortKeys",
    "sortSpace",
    "sortedOrder",
    "sortedValues",
    "stepAlong",
    "stepByStep",
    "strongestIndex",
    "swapBytes",
    "tensor",
    "toBytes",
    "unlessAborted",
    "voxelAt",
    "voxelLocator",
    "voxelSizes",
    "withEscapes",
  ]);
});

it("keeps what needs Node in a sub-path of its own", () => {
  expect(Object.keys(node).sort()).toEqual([
    "cleanBeside",
    "directory",
    "filesBelow",
    "gzipInPool",
    "hasEnded",
    "ioFailure",
    "isEmptyFolder",
    "makeFolders",
    "openFile",
    "ownerHasEnded",
    "ownerName",
    "ownerPattern",
    "publishFolder",
    "recoverResult",
    "refuseExisting",
    "startResult",
    "syncFiles",
    "syncFolder",
    "syncHandle",
    "syncTree",
    "temporaryFailure",
    "temporaryFolder",
    "thisProcess",
    "tryTo",
    "writeFileAtomically",
  ]);
});

it("keeps what needs a browser in a sub-path of its own", () => {
  expect(Object.keys(web).sort()).toEqual([
    "downloads",
    "droppedFiles",
    "fileTree",
    "gzipInBrowser",
    "httpFiles",
    "openedFolder",
    "pickedFiles",
  ]);
});

it("keeps the contract of runtimes in a sub-path of its own", () => {
  expect(Object.keys(testing)).toEqual(["runtimeContract"]);
});
