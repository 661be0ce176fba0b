import { VoxplainError } from "@voxplain/core";
import type { ArchitectureSettings } from "../settings.ts";
import type { Architecture } from "./architecture.ts";
import { conv4Fc3 } from "./clinicadl-0/conv4-fc3.ts";
import { convNet } from "./clinicadl-0/convnet.ts";
import { conv5Fc3, conv5Fc3Down, conv5Fc3Mni, conv6Fc3 } from "./clinicadl-0/image-cnn.ts";
import { resnet18 } from "./clinicadl-0/resnet18.ts";
import { vconv5Fc3 } from "./clinicadl-0/vconv5-fc3.ts";
import { randomArchitecture, randomArchitectureName } from "./random.ts";

/** Architectures with a name in commandline.json. */
export const namedArchitectures: readonly Architecture[] = [
  conv5Fc3,
  conv5Fc3Mni,
  conv5Fc3Down,
  conv6Fc3,
  vconv5Fc3,
  conv4Fc3,
  resnet18,
  convNet,
];

/** Names of the architectures that can be rebuilt from their weights. */
export const architectures: readonly string[] = [
  ...namedArchitectures.map(({ name }) => name),
  randomArchitectureName,
];

/** @throws VoxplainError `unsupported` for an architecture that is not one of ours, saying what helps. */
export function architectureOf(settings: ArchitectureSettings): Architecture {
  const { architecture: name, randomArchitecture: drawn } = settings;
  if (name === undefined || (name === randomArchitectureName && drawn !== undefined)) {
    if (drawn !== undefined) return randomArchitecture(drawn);
    throw new VoxplainError(
      "invalid-argument",
      "neither an architecture nor the blocks of a random one are given",
    );
  }
  const known = namedArchitectures.find((architecture) => architecture.name === name);
  if (known !== undefined) return known;
  throw new VoxplainError("unsupported", "the architecture cannot be rebuilt from its weights", {
    expected: `one of ${architectures.join(", ")}`,
    found: `"${name}"`,
    hint: "export the network with torch.onnx.export to model_best.onnx beside its weights, and that file is used",
  });
}
