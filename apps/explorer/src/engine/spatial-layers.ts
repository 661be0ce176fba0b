import type { DifferentiableModel } from "@voxplain/saliency";

/** Names of the layers that class activation maps can look at: those with a grid like the image's, else tokens. */
export function spatialLayers({ layers, inputDims }: DifferentiableModel): readonly string[] {
  const ofRank = (rank: number) =>
    layers.filter(({ dims }) => dims?.length === rank && dims.slice(1).some((length) => length > 1));
  const grids = ofRank(inputDims.length);
  return (grids.length > 0 ? grids : ofRank(2)).map(({ name }) => name);
}
