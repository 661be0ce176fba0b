import { preparedImages, preprocessings } from "@voxplain/core";
import { expect, it } from "vitest";

it("images of a pipeline have one shape, and volumes one distance between voxels, where the pipeline decides them", () => {
  const facts = preprocessings.map((name) => {
    const { imageDims, voxelSize } = preparedImages({ preprocessing: name });
    return [name, imageDims?.join("×"), voxelSize];
  });
  expect(facts).toEqual([
    ["t1-linear", "1×169×208×179", 1],
    ["t1-linear-downsampled", "1×85×104×90", 2],
    ["t1-extensive", "1×121×145×121", 1.5],
    ["t1-volume", "1×121×145×121", 1.5],
    ["shepplogan", "1×128×128", undefined],
    ["flair-linear", "1×169×208×179", 1],
    ["pet-linear", "1×169×208×179", 1],
    ["dwi-dti", undefined, undefined],
    ["custom", undefined, undefined],
  ]);
});
