import { type ImageInput, isFailure, type PartInput, readSessions } from "@voxplain/caps-io";
import { isVoxplainError, unlessAborted, VoxplainError } from "@voxplain/core";
import { isSmallInput } from "@voxplain/saliency";
import { type Model, normalizes } from "../model/model.ts";
import type { PredictedPart } from "./explained-part.ts";
import type { Job, ReadImage } from "./work.ts";

/** Reads the images of a task with all their parts, some ahead. */
export async function* readImages<Part extends PredictedPart>(job: Job<Part>): AsyncGenerator<ReadImage> {
  const { plan, group, signal, onFailure } = job;
  const { readAhead = 2, throughNormalization = false } = plan.request;
  // A large image waits for the network behind the one that is computed: that is one that is read ahead.
  const waits = group.inputDims !== undefined && !isSmallInput(group.inputDims) && isWhole(plan.model);
  const reading = readSessions(group.images, {
    normalize: normalizes(plan.model),
    readAhead: waits ? Math.max(0, readAhead - 1) : readAhead,
    keepOriginal: throughNormalization,
  });
  try {
    for (;;) {
      const { value: input, done } = await unlessAborted(reading.next(), signal);
      if (done) return;
      if (isFailure(input)) {
        if (onFailure(input) === "stop") return;
        continue;
      }
      let image: ReadImage;
      try {
        image = { input, parts: await readParts(input, job) };
      } catch (error) {
        if (!isVoxplainError(error)) throw error;
        if (onFailure({ session: input.session, error }) === "stop") return;
        continue;
      }
      yield image;
    }
  } finally {
    const ended = reading.return(undefined);
    // An image that is being read when the signal comes is not waited for.
    if (signal?.aborted) ended.catch(() => {});
    else await ended;
  }
}

const isWhole = ({ parts }: Model) => parts.mode === "image";

async function readParts<Part extends PredictedPart>(
  input: ImageInput,
  { plan: { model }, task, signal }: Job<Part>,
): Promise<ReadImage["parts"]> {
  const parts: PartInput[] = [];
  for (const { index } of input.parts) parts.push(await unlessAborted(input.read(index), signal));
  const [first, ...others] = parts;
  const count = model.networkCount(task.network);
  if (first !== undefined && (count === undefined || count === parts.length)) return [first, ...others];
  throw new VoxplainError(
    "mismatch",
    `it has ${parts.length} parts, but the model has ${count ?? "one network"}` +
      `${count === undefined ? "" : " networks, one for each"}`,
    { session: input.session.name },
  );
}
