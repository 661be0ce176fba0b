import { type FileSource, type ModelRuntime, tensor } from "@voxplain/core";
import { loadNetwork, openModelFolder } from "@voxplain/model-loader";
import { differentiableModel } from "@voxplain/saliency";

const dims = [1, 85, 104, 90];

/** Gradient and logits of the sample's small model for an image of noise, of which a third is zeros: ties. */
export async function sampleGradient(folder: FileSource, runtime: ModelRuntime) {
  const network = await loadNetwork(await openModelFolder(folder), 0, "best_balanced_accuracy", {
    inputDims: dims,
  });
  const model = differentiableModel(network, runtime);
  const count = dims.reduce((product, length) => product * length, 1);
  const data = Float32Array.from({ length: count }, (_, k) =>
    k < count / 3 ? 0 : ((k * 2654435761) % 2 ** 32) / 2 ** 32,
  );
  try {
    return await model.gradient(tensor("float32", [1, ...dims], data), 1);
  } finally {
    await model.release();
  }
}
