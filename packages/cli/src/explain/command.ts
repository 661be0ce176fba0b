import type { Command } from "commander";
import type { CommandContext } from "../command-line/command-context.ts";
import { addHelp } from "../command-line/help.ts";
import { addDevice, addMethod, addOnnx, noFsync } from "../command-line/shared-options.ts";
import { classOrIndices, positiveNumber, wholeNumbers } from "../command-line/values.ts";
import type { ExplainArguments } from "./options.ts";

export function addExplain(program: Command, { argv, onStatus, methodOptions }: CommandContext): void {
  const command = program
    .command("explain")
    .summary("compute attribution maps of any ONNX network for single images")
    .description(
      "Explains images with any ONNX classifier or regressor of 2D or 3D images.\n" +
        "For a segmentation network, the mean of the class's logit over the voxels is explained.\n" +
        "Images: .npy, .nii, .nii.gz, .mgz, .pt, .png, .jpg; the volumes of a 4D NIfTI are channels.",
    )
    .argument(
      "<model.onnx>",
      "network with one input [batch, C, H, W] or [batch, C, X, Y, Z], or with the channels last, as in Keras",
    )
    .argument("<image...>", "images to explain, one map each");
  addMethod(addDevice(command))
    .optionsGroup("Network:")
    .option(
      "--target <int,...>",
      "class whose logit is explained (default: the predicted class), or for any output one value, by one index per axis " +
        "after the batch: 5,1",
      classOrIndices,
    )
    .option(
      "--target_mask <nii>",
      "for networks with a class for every voxel: explain the mean logit over this mask (0 and 1, on the grid of the " +
        "images; default: over the whole grid)",
    )
    .option(
      "--target_voxel <x,y,z>",
      "for networks with a class for every voxel: explain the logit at this voxel; x,y for 2D images",
      wholeNumbers,
    );
  addOnnx(command)
    .optionsGroup("Results:")
    .option("--output_dir <path>", "result folder (default: <model>_<method>)")
    .option("--overwrite", "replace an older result; any other folder is left alone", false)
    .addOption(noFsync())
    .option(
      "--nifti_template_path <path>",
      "NIfTI image on the grid of the maps, whose affine they get (default: that of each image)",
    )
    .option(
      "--vmax <float>",
      "upper end of the colour scale (default: the 99.9th percentile of |map|)",
      positiveNumber,
    )
    .option("-v, --verbose", "print a stack trace for unexpected errors", false)
    .action(async (model: string, images: string[], options: Omit<ExplainArguments, "model" | "images">) => {
      const { explain } = await import("./run.ts");
      onStatus(await explain({ ...options, model, images }, ["voxplain", ...argv]));
    });
  addHelp(command, argv, {
    mostUsed: [
      ...[
        "--use_cpu",
        "--method",
        "--method_options",
        "--layer",
        "--checks",
        "--target",
        "--output",
        "--preprocess",
      ],
      ...["--output_dir", "--overwrite"],
    ],
    more: [methodOptions, results].filter((text) => text !== undefined).join("\n\n"),
    examples,
  });
}

const results = `Results, in the output folder:
  <image>.npy        the map, channels first: those of the network's input, or one for methods that hide windows or
                     regions and for class activation maps
  <image>.nii.gz     for volumes, and for slices from a NIfTI: the map with the affine of the image, channels summed
  <image>.png        the map over the image, channels summed
  predictions.tsv    the prediction for each image
  checks.tsv         with --checks: the results of the checks of each map; checks_*.png: their mean curves
  commandline.json, provenance.json: options, versions, hashes

Pictures have their stored values, as decoded by Pillow: colour profiles and the EXIF orientation are ignored, and 16-bit
values range from 0 to 65535. A network with 4 input channels gets the opacity (alpha) of RGBA, one with 3 the stored
colours. A grey image is repeated for three channels by rgb only, and colours are converted to grey by grey only.
min-max and z-score are computed over the whole image; z-score as MONAI's NormalizeIntensity without nonzero.
resize interpolates linearly, without smoothing (PyTorch's antialias=False).`;

const examples = `Examples:
  voxplain explain model.onnx scan.nii.gz --use_cpu --preprocess min-max --method integrated-gradients
  voxplain explain resnet.onnx cat.png --use_cpu --method grad-cam --preprocess resize=224,224 scale=0.00392157 \\
      mean=0.485,0.456,0.406 std=0.229,0.224,0.225`;
