import type { PartInput } from "@voxplain/caps-io";
import { type Tensor, VoxplainError } from "@voxplain/core";
import {
  type AttributionMethod,
  explain,
  type MapWarning,
  type Prediction,
  type Refinement,
  softVote,
  uniformWeights,
  type VotingWeights,
} from "@voxplain/saliency";
import type { ExplanationRequest, ImagePrediction } from "./engine.ts";
import type { NetworkSlot, OpenNetwork } from "./network-slot.ts";
import type { OpenModel } from "./open-model.ts";
import type { PreparedImage } from "./prepared-image.ts";

/** A part with its map and what the network says of it. */
export interface ComputedPart {
  readonly part: PartInput;
  readonly map: Tensor<"float32">;
  readonly prediction: Prediction;
  readonly delta?: number;
  readonly warnings: readonly MapWarning[];
  readonly refinement?: Refinement;
}

export interface Computation {
  readonly model: OpenModel;
  /** Tells this model from others that were opened before. */
  readonly modelKey: string;
  readonly slot: NetworkSlot;
  readonly request: Pick<ExplanationRequest, "network" | "region">;
  readonly method: { readonly key: string; readonly compute: AttributionMethod };
  readonly target: number;
  /** Called for each network that is opened. */
  readonly onOpen: (open: OpenNetwork) => void;
}

/** Small parts go through the network together; few enough that the progress moves. */
const batchSize = 4;

/** The forward pass alone, as a method whose map nobody looks at. */
export const forwardOnly: AttributionMethod = async (model, input) => ({
  map: input,
  logits: await model.forward(input),
});

/** Takes all parts of an image through the network, or each through its own. */
export async function computeParts(
  name: string,
  { parts }: PreparedImage,
  computation: Computation,
): Promise<readonly ComputedPart[]> {
  const { model, request } = computation;
  const count = model.networkCount(request.network);
  if (count === undefined) return throughNetwork(name, parts, 0, computation);
  if (count !== parts.length) {
    throw new VoxplainError(
      "mismatch",
      `${name} has ${parts.length} parts, but the model has ${count} networks, one for each`,
    );
  }
  const computed: ComputedPart[] = [];
  for (const part of parts) computed.push(...(await throughNetwork(name, [part], part.index, computation)));
  return computed;
}

async function throughNetwork(
  name: string,
  parts: readonly PartInput[],
  index: number,
  { model, modelKey, slot, request, method, target, onOpen }: Computation,
): Promise<readonly ComputedPart[]> {
  const inputDims = parts[0]?.input.dims;
  if (inputDims === undefined)
    throw new VoxplainError("mismatch", `${name} has no part that can be explained`);
  const key = JSON.stringify([modelKey, request.network, request.region, index, inputDims]);
  const load = () => model.load(request, inputDims, index);
  const open =
    method.compute === forwardOnly ? await slot.open(key, load) : await slot.openFor(method, key, load);
  onOpen(open);
  const items = parts.map((part) => ({
    ...{ part, input: part.input },
    name: part.name === "image" ? name : `${name}, ${part.label},`,
  }));
  const compute = method.compute === forwardOnly ? forwardOnly : (open.method?.compute ?? method.compute);
  const options = { method: compute, target, batchSize };
  const computed: ComputedPart[] = [];
  for await (const { item, ...explained } of explain(open.model, items, options)) {
    computed.push({ part: item.part, ...explained });
  }
  return computed;
}

/** What is said of the image: by the network, or by the vote of its parts. */
export function imagePrediction(
  parts: readonly ComputedPart[],
  weights: VotingWeights | "uniform" | undefined,
): ImagePrediction {
  if (weights === undefined) {
    const { probabilities, predictedClass } = parts[0]!.prediction;
    return { probabilities, predictedClass };
  }
  return softVote(
    parts.map(({ part, prediction }) => ({ partId: part.id, probabilities: prediction.probabilities })),
    weights === "uniform" ? uniformWeights(parts.map(({ part }) => part.id)) : weights,
  );
}
