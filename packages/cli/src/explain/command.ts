import type { Command } from "commander";
import type { CommandContext } from "../command-line/program.ts";
import { addDevice, addMethod } from "../command-line/shared-options.ts";
import { classOrIndices, positiveNumber } from "../command-line/values.ts";
import type { ExplainArguments } from "./options.ts";

export function addExplain(program: Command, { argv, methodOptions }: CommandContext): void {
  const command = program
    .command("explain")
    .summary("attribution maps of any ONNX network, for single images")
    .description(
      "Explains what a network of an ONNX file saw in images: any classifier or regressor of 2D or 3D images.\n" +
        "Of a network that gives a class for every voxel the mean over the voxels is explained.\n" +
        "Images: .npy, .nii, .nii.gz, .pt, .png, .jpg; the volumes of a NIfTI are channels.",
    )
    .argument(
      "<model.onnx>",
      "network with one input [batch, C, H, W] or [batch, C, X, Y, Z], or channels last, as Keras has them",
    )
    .argument("<image...>", "images to explain, each by itself");
  addMethod(addDevice(command))
    .optionsGroup("Network:")
    .option(
      "--target <int,...>",
      "class whose logit is explained (default: the predicted one), or one value of an output of any shape by an index for each axis behind the batch: 5,1",
      classOrIndices,
    )
    .option(
      "--output <name>",
      "output that holds the logits (default: the first); a final softmax or sigmoid is left out",
    )
    .option(
      "--preprocess <step...>",
      "what is done to an image before, in this order: rgb, grey, min-max, scale=<factor>, mean=<per channel>, " +
        "std=<per channel>, resize=<length per axis>",
    )
    .optionsGroup("Results:")
    .option("--output_dir <path>", "folder of the results (default: <model>_<method>)")
    .option("--overwrite", "replace a folder of that name", false)
    .option(
      "--vmax <float>",
      "end of the colour scale (default: the 99.9th percentile of |map|)",
      positiveNumber,
    )
    .option("-v, --verbose", "show where in the program an unexpected error arose", false)
    .addHelpText("after", methodOptions === undefined ? examples : `\n${methodOptions}\n${examples}`)
    .action(async (model: string, images: string[], options: Omit<ExplainArguments, "model" | "images">) => {
      const { chooseRuntime } = await import("../device.ts");
      const { explainImages } = await import("./run.ts");
      const runtime = await chooseRuntime(options);
      const path = await explainImages({ ...options, model, images }, runtime, ["voxplain", ...argv]);
      process.stdout.write(`${path}\n`);
    });
}

const examples = `
Results, in the output folder:
  <image>.npy        the map, of the shape of the network's input, channels in front
  <image>.nii.gz     of volumes, and of slices from a NIfTI: the map with the image's affine, channels summed
  <image>.png        the map over the image, channels summed
  predictions.tsv    what the network says of each image
  checks.tsv         with --checks: what was measured of each map; checks_*.png: the mean curves
  commandline.json, provenance.json: options, versions, hashes

Pictures give the values that are stored, as Pillow decodes them: without colour management, without the turn that EXIF
names; 16 bits from 0 to 65535. A network of 4 inputs gets the opacity (alpha) of RGBA, one of 3 the stored colours.
A grey image is repeated on three channels by rgb only, and colours are made grey by grey only.
resize interpolates linearly, without smoothing (PyTorch's antialias=False).

Examples:
  voxplain explain model.onnx scan.nii.gz --use_cpu --preprocess min-max --method integrated-gradients
  voxplain explain resnet.onnx cat.png --use_cpu --method grad-cam --preprocess resize=224,224 scale=0.00392157 \\
      mean=0.485,0.456,0.406 std=0.229,0.224,0.225`;
