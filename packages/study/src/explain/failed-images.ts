import type { SessionFailure } from "@voxplain/caps-io";
import { errorAt, isVoxplainError, VoxplainError } from "@voxplain/core";
import { shapeMisfit } from "@voxplain/saliency";
import type { PredictedPart } from "./explained-part.ts";
import type { OpenNetwork } from "./network-slot.ts";
import { type Job, partName, type ReadImage } from "./work.ts";

/** Images of which something is not finite, each reported once. */
export interface FailedImages {
  has(image: ReadImage): boolean;
  add(image: ReadImage, error: VoxplainError): "stop" | "skip";
  /** Adds what went wrong after the map was computed; throws what is no failure of the image. */
  inChecks(image: ReadImage, error: unknown): "stop" | "skip";
}

/** None yet. */
export function failedImages<Part extends PredictedPart>(
  { network }: OpenNetwork,
  { plan: { model }, onFailure }: Job<Part>,
): FailedImages {
  const images = new Set<ReadImage>();
  const add = (image: ReadImage, error: VoxplainError): "stop" | "skip" => {
    if (images.has(image)) return "skip";
    images.add(image);
    const { session } = image.input;
    return onFailure({ session, error: withNetwork(error, `${model.source.name}/${network.file}`) });
  };
  return {
    has: (image) => images.has(image),
    add,
    inChecks(image, error) {
      if (!isVoxplainError(error, "not-finite")) throw error;
      const { code, problem } = error;
      const ofCheck = new VoxplainError(code, `in a check of its map, ${problem}`, { cause: error });
      return add(image, errorAt(ofCheck, { session: image.input.session.name }));
    },
  };
}

function withNetwork(error: VoxplainError, file: string): VoxplainError {
  const { code, problem, hint, ...fields } = error;
  const network = `the network is ${file}`;
  return new VoxplainError(code, problem, {
    ...fields,
    hint: hint === undefined ? network : `${hint}; ${network}`,
    cause: error,
  });
}

/** The failure of an image, where a part has not the shape that its network takes. */
export function misfit(
  { input, parts }: ReadImage,
  inputDims: (index: number) => readonly number[],
): SessionFailure | undefined {
  for (const part of parts) {
    const error = shapeMisfit(partName(input, part), part.input.dims, inputDims(part.index));
    if (error !== undefined) return { session: input.session, error };
  }
  return undefined;
}
