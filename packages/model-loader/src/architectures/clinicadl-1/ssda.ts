import { elementCount } from "@voxplain/core";
import type { Architecture } from "../architecture.ts";
import { fullyConnectedLayers } from "../fully-connected-layers.ts";
import type { NetworkBuilder } from "../network-builder.ts";
import { pooled } from "./cnn.ts";

const widths = [1300, 50] as const;

/**
 * Conv5_FC3 for semi-supervised domain adaptation, with a head for each domain and one that classifies the domain. The
 * head of the target domain is the network's answer: the tables of its training are from it.
 */
export const conv5Fc3Ssda: Architecture = {
  name: "Conv5_FC3_SSDA",
  inputDims: undefined,
  build(network, image) {
    const features = pooled(network, image);
    for (const head of ["fc_class_source", "fc_domain"]) {
      declareUnused(network, head, elementCount(features.dims));
    }
    return fullyConnectedLayers(network, features, "fc_class_target", widths);
  },
};

function declareUnused(network: NetworkBuilder, head: string, features: number): void {
  let inputs = features;
  for (const [key, width] of [
    ["2", widths[0]],
    ["4", widths[1]],
    ["6", network.outputSize ?? network.given(`${head}.6.weight`)?.[0] ?? 2],
  ] as const) {
    network.unusedWeight(`${head}.${key}.weight`, [width, inputs]);
    network.unusedWeight(`${head}.${key}.bias`, [width]);
    inputs = width;
  }
}
