import { expect, it } from "vitest";
import { parseCommandline } from "../src/folders/clinicadl-0/commandline.ts";
import { expectedInputDims } from "../src/index.ts";

const drawn = {
  convolutions: { conv0: { in_channels: null, out_channels: 4, n_conv: 1, d_reduction: "stride" } },
  n_fcblocks: 1,
};
const masked = { mode: "roi", roi_list: ["leftHippocampus"] };

it.each([
  ["the size its architecture is made for", { model: "Conv5_FC3_mni" }, [1, 121, 145, 121]],
  ["the size of a 2D architecture", { model: "ConvNet", preprocessing: "shepplogan" }, [1, 128, 128]],
  ["the image of the preprocessing, for a random one", drawn, [1, 169, 208, 179]],
  ["a downsampled image", { ...drawn, preprocessing: "t1-linear-downsampled" }, [1, 85, 104, 90]],
  ["a patch", { ...drawn, mode: "patch", patch_size: 32 }, [1, 32, 32, 32]],
  ["a hippocampus", { ...drawn, mode: "roi" }, [1, 50, 50, 50]],
  ["a size that depends on the mask", { ...drawn, ...masked }, undefined],
  [
    "the whole image, where a ROI is not cropped",
    { ...drawn, ...masked, uncropped_roi: true },
    [1, 169, 208, 179],
  ],
  ["a resized slice", { ...drawn, mode: "slice" }, [3, 224, 224]],
  [
    "an image, for an unknown architecture",
    { model: "MyNet", preprocessing: "t1-volume" },
    [1, 121, 145, 121],
  ],
])("a network expects %s", (_, written, expected) => {
  const json = JSON.stringify({ mode: "image", preprocessing: "t1-linear", ...written });
  expect(expectedInputDims(parseCommandline(json, "commandline.json").settings)).toEqual(expected);
});
