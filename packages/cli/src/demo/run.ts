import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type FileSink, VoxplainError, withEscapes } from "@voxplain/core";
import { isEmptyFolder, startResult } from "@voxplain/core/node";
import { commandLine, pathArgument, shellWord } from "@voxplain/report";
import { printLines } from "../print-lines.ts";
import { installedSample } from "./installed-sample.ts";

export interface DemoArguments {
  readonly output_dir: string;
}

/** `voxplain demo`: a copy of the sample, explained by the commands that it prints. */
export async function demo(
  { output_dir }: DemoArguments,
  voxplain: (argv: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const folder = pathArgument(output_dir);
  const sample = await installedSample();
  if (existsSync(folder) && !isEmptyFolder(folder)) {
    throw new VoxplainError("already-exists", "the folder exists", {
      file: folder,
      hint: "remove it, or choose another (--output_dir)",
    });
  }
  const copy = await startResult(folder);
  try {
    await copyFolder(sample.folder, copy.files);
    await copy.publish();
  } catch (error) {
    copy.discard();
    throw error;
  }
  const show = async (words: readonly string[]) => {
    print(`\n$ ${line(words)}`);
    await voxplain(words);
  };

  const inFolder = (name: string) => pathArgument(join(folder, name));
  const model = inFolder("model");
  const images = ["--images", inFolder("sessions.tsv"), "--target_diagnosis", "AD"];
  const result = pathArgument(join(model, "fold-0/gradients/best_balanced_accuracy/demo"));
  print(introduction(folder));
  await show(["inspect", model]);
  await show(["interpret", "individual", model, "demo", "--use_cpu", ...images]);
  print(`\n${whatToLookAt(withEscapes(result))}\n\n${whatToTryNext({ inFolder, model, images, result })}`);
}

/** Node's own copy does not read from archives, in which Yarn's Plug'n'Play keeps packages. */
async function copyFolder(from: string, to: FileSink, below = ""): Promise<void> {
  for (const entry of readdirSync(join(from, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) await copyFolder(from, to, path);
    else await to.write(path, readFileSync(join(from, path)));
  }
}

const introduction = (folder: string) =>
  `Two simulated brain images are explained: one of a participant with AD, whose hippocampi and amygdalae have shrunk, and one of a
participant without (CN). A small network has learned to classify them. Nothing here is about real patients.

The files of the sample are now in ${shellWord(folder)}. What does the folder of the network contain, and which voxels change its score of AD?`;

const whatToLookAt = (result: string) =>
  `Look at
  ${join(result, "sub-SIM004/ses-M00/map.png")}
      the map of the participant with AD, over the image: it is strongest in and around both hippocampi
  ${join(result, "sub-SIM004/ses-M00/map.nii.gz")}
      the same map for FSLeyes, 3D Slicer or any other NIfTI viewer; map.npy beside it is for numpy
  ${join(result, "predictions.tsv")}
      what the network predicts for both
  The maps of the participant without AD are in ${join(result, "sub-SIM002/ses-M00")}.`;

interface Places {
  readonly inFolder: (name: string) => string;
  readonly model: string;
  readonly images: readonly string[];
  readonly result: string;
}

const whatToTryNext = ({ inFolder, model, images, result }: Places) => {
  const atlas = ["--atlas", inFolder("atlas.nii.gz"), "--labels", inFolder("atlas.tsv")];
  const method = ["--method", "integrated-gradients"];
  const next = [
    ["which regions of an atlas the maps point at", "regions", result, "--values", "absolute", ...atlas],
    ["another method", "interpret", "individual", model, "integrated", "--use_cpu", ...images, ...method],
    ["one HTML page with everything", "report", result],
    [
      "your own model folder or ONNX file: what it contains, and the command that explains it",
      "inspect",
      "MY_MODEL",
    ],
  ] as const;
  return ["Try next", ...next.flatMap(([purpose, ...words]) => [`  # ${purpose}`, `  ${line(words)}`])].join(
    "\n",
  );
};

const line = (words: readonly string[]) => commandLine(["voxplain", ...words]);

function print(text: string): void {
  printLines(...text.split("\n"));
}
