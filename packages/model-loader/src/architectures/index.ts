import { VoxplainError } from "@voxplain/core";
import type { ArchitectureSettings, Generation } from "../settings/settings.ts";
import type { Architecture } from "./architecture.ts";
import { conv4Fc3 as oldConv4Fc3 } from "./clinicadl-0/conv4-fc3.ts";
import { convNet } from "./clinicadl-0/convnet.ts";
import { conv5Fc3Down, conv5Fc3Mni, conv6Fc3, conv5Fc3 as oldConv5Fc3 } from "./clinicadl-0/image-cnn.ts";
import { resnet18 as oldResnet18 } from "./clinicadl-0/resnet18.ts";
import { vconv5Fc3 } from "./clinicadl-0/vconv5-fc3.ts";
import { conv4Fc3, conv5Fc3, strideConv5Fc3 } from "./clinicadl-1/cnn.ts";
import { reconstructionNetworks } from "./clinicadl-1/reconstruction.ts";
import { resNet3d, squeezeExcitationCnn } from "./clinicadl-1/residual-3d.ts";
import { resnet18 } from "./clinicadl-1/resnet18.ts";
import { conv5Fc3Ssda } from "./clinicadl-1/ssda.ts";
import { type HalvesKeys, randomArchitecture, randomArchitectureName } from "./random.ts";

/** Architectures that have a name in the files of options, but for the random one. */
const named: Readonly<Record<Generation, readonly Architecture[]>> = {
  "0.2": [oldConv5Fc3, conv5Fc3Mni, conv5Fc3Down, conv6Fc3, vconv5Fc3, oldConv4Fc3, oldResnet18, convNet],
  "1.x": [conv5Fc3, conv4Fc3, strideConv5Fc3, resnet18, resNet3d, squeezeExcitationCnn, conv5Fc3Ssda],
};

const halves: Readonly<Record<Generation, HalvesKeys>> = {
  "0.2": { convolutions: "features", fullyConnected: "classifier" },
  "1.x": { convolutions: "convolutions", fullyConnected: "fc" },
};

/** Names of the architectures that can be rebuilt from their weights, by the versions of ClinicaDL that have them. */
export const architectures: Readonly<Record<Generation, readonly string[]>> = {
  "0.2": namesOf("0.2"),
  "1.x": namesOf("1.x"),
};

/** The architectures with a name in the files of the same versions of ClinicaDL. */
export function namedArchitectures({
  generation = "0.2",
}: Pick<ArchitectureSettings, "generation">): readonly Architecture[] {
  return named[generation];
}

/** @throws VoxplainError `unsupported` for an architecture that is not one of ours, saying what helps. */
export function architectureOf(settings: ArchitectureSettings): Architecture {
  const { architecture: name, randomArchitecture: drawn, generation = "0.2" } = settings;
  if (name === undefined || (name === randomArchitectureName && drawn !== undefined)) {
    if (drawn !== undefined) return randomArchitecture(drawn, halves[generation]);
    throw new VoxplainError(
      "invalid-argument",
      "neither an architecture nor the blocks of a random one are given",
    );
  }
  const known = named[generation].find((architecture) => architecture.name === name);
  if (known !== undefined) return known;
  if (generation === "1.x" && reconstructionNetworks.includes(name)) {
    throw new VoxplainError(
      "unsupported",
      `the network ${name} gives an image back instead of classes or a number`,
    );
  }
  throw new VoxplainError("unsupported", "the architecture cannot be rebuilt from its weights", {
    expected: `one of ${architectures[generation].join(", ")}`,
    found: `"${name}"`,
    hint: "export the network with torch.onnx.export to model_best.onnx beside its weights, and that file is used",
  });
}

function namesOf(generation: Generation): readonly string[] {
  return [...named[generation].map(({ name }) => name), randomArchitectureName];
}
