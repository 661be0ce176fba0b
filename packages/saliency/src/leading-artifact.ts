import type { ModelArtifact, ModelRuntime } from "@voxplain/core";
import { type LeadingBlocks, leadingBlocks, lower, suitsKernels } from "@voxplain/lowering";
import { encodeModel, type Model, type Network } from "@voxplain/onnx-graph";
import type { Propagation } from "./attribution.ts";
import { differentiateFor } from "./differentiate-for.ts";

/** A gradient that a runtime can open, with the names of the cotangent and of the gradient at the input. */
export interface GradientArtifact {
  readonly artifact: ModelArtifact;
  readonly cotangent: string;
  readonly gradient: string;
}

/** The beginning of a checked network for the kernels of a runtime; undefined where it has none, or where they do not suit. */
export async function leadingFor(
  { input, inputDims }: Network,
  model: Model,
  { lowering }: ModelRuntime,
): Promise<LeadingBlocks | undefined> {
  if (lowering.kernels !== true) return undefined;
  const inputs = model.graph.inputs.map((info) =>
    info.name === input ? { ...info, dims: [info.dims?.[0] ?? "batch", ...inputDims] } : info,
  );
  return leadingBlocks({ ...model, graph: { ...model.graph, inputs } }, input, suitsKernels);
}

/** A graph in the form of the runtime. */
export const artifactOf = (graph: Model, { lowering }: ModelRuntime): Promise<ModelArtifact> =>
  encodeModel(lower(graph, lowering), { stored: lowering.storedWeights === true });

/** The forward pass behind the first blocks. */
export async function leadingForward(
  { input }: Network,
  { blocks, inputDims, cut, rest }: LeadingBlocks,
  runtime: ModelRuntime,
): Promise<ModelArtifact> {
  return { ...(await artifactOf(rest, runtime)), leading: { blocks, input, inputDims, cut } };
}

/** The gradient at the input: that at the cut by the graph, from there on by kernels. */
export async function leadingGradient(
  network: Network,
  { blocks, inputDims, cut, rest }: LeadingBlocks,
  runtime: ModelRuntime,
  propagation: Propagation | undefined,
): Promise<GradientArtifact> {
  const { model, cotangent, gradients } = differentiateFor(network, rest, {
    output: network.logits,
    withRespectTo: [cut],
    ...(propagation && { rules: propagation.rules }),
  });
  const { input } = network;
  const gradient = `kernels/gradient:${input}`;
  const leading = {
    ...{ blocks, input, inputDims, cut, guided: propagation?.kernels === "guided" },
    gradients: { cut: gradients[cut]!, input: gradient },
  };
  return { artifact: { ...(await artifactOf(model, runtime)), leading }, cotangent, gradient };
}
