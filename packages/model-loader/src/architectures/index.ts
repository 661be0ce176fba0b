import type { Architecture } from "./architecture.ts";
import { convNet } from "./conv-net.ts";
import { conv4Fc3, conv5Fc3, conv5Fc3Down, conv5Fc3Mni, conv6Fc3 } from "./convolutional.ts";
import { resnet18 } from "./resnet18.ts";
import { vconv5Fc3 } from "./variational.ts";

/** The named architectures of ClinicaDL 0.2, by the name in commandline.json. */
export const architectures: Readonly<Record<string, Architecture>> = {
  Conv4_FC3: conv4Fc3,
  Conv5_FC3: conv5Fc3,
  Conv5_FC3_down: conv5Fc3Down,
  Conv5_FC3_mni: conv5Fc3Mni,
  Conv6_FC3: conv6Fc3,
  ConvNet: convNet,
  VConv5_FC3: vconv5Fc3,
  resnet18,
};
