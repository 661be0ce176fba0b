import { identityAffine, memoryFiles } from "@voxplain/core";
import type { Explanation, ExplorerModel } from "../../src/engine/engine.ts";

const volume = { data: Float32Array.of(-1, 2), shape: [1, 1, 2], affine: identityAffine } as const;
const files = memoryFiles(
  new Map([
    ["network.onnx", Uint8Array.of(1, 2, 3)],
    ["a.npy", Uint8Array.of(4, 5)],
  ]),
  "data",
);

/** A map of a single file by an ONNX network. */
export const toyExplanation: Explanation = {
  image: { id: "1", name: "a.npy", trueClass: undefined },
  request: { network: undefined, method: "integrated-gradients", options: {}, target: 1 },
  prediction: { probabilities: [0.25, 0.75], predictedClass: 1 },
  map: volume,
  anatomy: volume,
  isPlaced: true,
  stored: { dtype: "float32", dims: [1, 1, 1, 2], data: volume.data },
  relativeDelta: -0.0123,
  kernelUses: [],
  seconds: 1.25,
  warnings: [],
  mapWarnings: [],
  sources: {
    model: "data/network.onnx",
    weights: [{ source: files, below: "network.onnx" }],
    images: [
      {
        session: {
          name: "a.npy",
          participantId: "",
          sessionId: "",
          diagnosis: "",
          row: {},
          cohort: "single",
        },
        from: { kind: "file", path: "data/a.npy" },
        files: [{ source: files, below: "a.npy" }],
      },
    ],
    ...{ template: undefined, atlas: undefined, mask: undefined, usesOthers: false },
  },
};

export const toyModel: ExplorerModel = {
  name: "network.onnx",
  kind: "onnx",
  task: "classification",
  facts: [],
  classes: ["CN", "AD"],
  networks: [],
  layers: [],
  ...{ hasParts: false, preprocessing: undefined, outputGrid: undefined, scores: undefined },
};
