import type { ConvolutionBlock, LeadingKernels, ModelArtifact, ModelRuntime } from "@voxplain/core";
import { type LeadingBlocks, leadingBlocks, lower, type NetworkPass, suitsKernels } from "@voxplain/lowering";
import type { GradientRules } from "@voxplain/onnx-autodiff";
import { encodeModel, type Model, type Network } from "@voxplain/onnx-graph";
import type { Propagation } from "./attribution.ts";
import { differentiateFor } from "./differentiate-for.ts";

/** A gradient that a runtime can open, with the names of the cotangent and of the gradient at the input. */
export interface GradientArtifact {
  readonly artifact: ModelArtifact;
  readonly cotangent: string;
  readonly gradient: string;
}

/**
 * The beginning of a checked network for the kernels of a runtime; undefined where it has none, or where they do not suit.
 * @param propagation - What flows back where a gradient is asked for.
 */
export async function leadingFor(
  { input, inputDims }: Network,
  model: Model,
  { lowering, executionProvider }: ModelRuntime,
  pass: NetworkPass,
  propagation?: Propagation,
): Promise<LeadingBlocks | undefined> {
  if (lowering.kernels !== true) return undefined;
  const inputs = model.graph.inputs.map((info) =>
    info.name === input ? { ...info, dims: [info.dims?.[0] ?? "batch", ...inputDims] } : info,
  );
  const suits = suitsKernels(pass, executionProvider === "wasm" ? "wasm" : "native");
  return leadingBlocks(
    { ...model, graph: { ...model.graph, inputs } },
    input,
    (block, dims, before) =>
      (propagation === undefined || rectifiesCells(block)) && suits(block, dims, before),
  );
}

/**
 * Rules for activations take the sum of what all windows hand to a value; kernels take what each window has. Where windows overlap these
 * differ, and where a window begins outside of the values its first one is not known.
 */
function rectifiesCells({ pooling }: ConvolutionBlock): boolean {
  return (
    pooling === undefined ||
    (pooling.window.every((length, axis) => length <= (pooling.strides[axis] ?? 0)) &&
      pooling.skippedBefore.every((count) => count === 0))
  );
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

/** Whether a value is computed behind the first blocks. */
export const isBehind = ({ rest }: LeadingBlocks, value: string): boolean =>
  rest.graph.nodes.some(({ outputs }) => outputs.includes(value));

/**
 * The gradient at the input: that at the cut by the graph, from there on by kernels. Or that at a value behind the blocks, which are computed
 * forward alone then, so that any rules will do. Undefined where the kernels have no rules for what flows back.
 */
export async function leadingGradient(
  network: Network,
  { blocks, inputDims, cut, rest }: LeadingBlocks,
  runtime: ModelRuntime,
  value: string,
  propagation?: Propagation,
): Promise<GradientArtifact | undefined> {
  const { input, logits } = network;
  const isInput = value === input;
  const wanted = isInput ? cut : value;
  const ofBlocks = isInput ? backwardRule(propagation, blocks, cut) : {};
  if (ofBlocks === undefined) return undefined;
  const { rules = propagation?.rules, ...rule } = ofBlocks;
  const prepared = isInput ? await propagation?.prepare?.(rest) : undefined;
  const { model, cotangent, gradients } = differentiateFor(network, prepared ?? rest, {
    output: logits,
    withRespectTo: [wanted],
    ...(rules && { rules }),
  });
  const found = gradients[wanted]!;
  const gradient = isInput ? `kernels/gradient:${input}` : found;
  const backward = { ...rule, gradients: { cut: found, input: gradient } };
  const leading = { blocks, input, inputDims, cut, ...(isInput && backward) };
  return { artifact: { ...(await artifactOf(model, runtime)), leading }, cotangent, gradient };
}

/** What the blocks hand back, and the rules behind them where these are others than those of the whole network. */
function backwardRule(
  propagation: Propagation | undefined,
  blocks: readonly ConvolutionBlock[],
  cut: string,
): (Pick<LeadingKernels, "rule" | "relevance"> & { readonly rules?: GradientRules }) | undefined {
  const kernels = propagation?.kernels;
  if (typeof kernels === "function") return kernels(blocks, cut);
  return kernels ? { rule: kernels } : {};
}
