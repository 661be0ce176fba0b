import { isVoxplainError, unlessAborted } from "@voxplain/core";
import type { PredictedPart } from "./explained-part.ts";
import { type FailedImages, failedImages, misfit } from "./failed-images.ts";
import { imagePrediction, predictParts } from "./image-prediction.ts";
import { type LentImages, lentImages } from "./lent-images.ts";
import type { OpenNetwork } from "./network-slot.ts";
import {
  type ComputedImage,
  classOf,
  itemOf,
  type Job,
  openFor,
  type PartItem,
  type ReadImage,
} from "./work.ts";

/** Takes images through one network, which sees every part; two batches are in memory at a time. */
export async function* throughOneNetwork<Part extends PredictedPart>(
  images: AsyncIterable<ReadImage>,
  job: Job<Part>,
): AsyncGenerator<ComputedImage<Part>> {
  const iterator = images[Symbol.asyncIterator]();
  let lent: LentImages | undefined;
  try {
    await unlessAborted(openAhead(job), job.signal);
    const start = await startWith(iterator, job);
    if (start === undefined) return;
    const { first, open } = start;
    const loans = lentImages(open.model, job);
    lent = loans;
    const failed = failedImages(open, job);
    const items = partItems(first, iterator, { job, open, failed, loans });
    let parts: Part[] = [];
    let current: ReadImage | undefined;
    const computed = job.work.compute(open, items, ({ image }, error) => {
      loans.giveBack(image);
      return failed.add(image, error);
    });
    for await (const { item, part } of computed) {
      const { image, target } = item;
      if (failed.has(image)) continue;
      if (image !== current) [current, parts] = [image, []];
      const finished = await job.work
        .finish(part, item, open)
        .catch((error: unknown) => failed.inChecks(image, error));
      if (finished === "stop") return;
      if (finished === "skip") {
        loans.giveBack(image);
        continue;
      }
      parts.push(finished);
      if (parts.length < image.parts.length) continue;
      const done = { input: image.input, parts, target };
      // Nothing holds it while the next one is computed.
      [current, parts] = [undefined, []];
      yield done;
      loans.giveBack(image);
    }
  } finally {
    lent?.giveBackAll();
    await iterator.return?.();
  }
}

/**
 * Begins to open the network: the first image is read while the runtime opens it, which takes longer. What goes wrong is met when the image
 * is there: the network is asked for again then, for the size that the image really has.
 * @returns When the runtime was asked to open it, or will not be.
 */
async function openAhead<Part extends PredictedPart>(job: Job<Part>): Promise<void> {
  const { inputDims, method } = job.group;
  if (inputDims === undefined) return;
  const predictsFirst = method === undefined || (job.plan.request.target ?? "predicted") === "predicted";
  const pass = predictsFirst ? "forward" : method.begins;
  await new Promise<void>((resolve) => {
    const opening = openFor(job, inputDims, { onOpening: resolve });
    opening.then(({ model }) => pass && model.open?.(pass)).then(resolve, () => resolve());
  });
}

/** Opens the network for the first image whose parts it takes. */
async function startWith<Part extends PredictedPart>(
  images: AsyncIterator<ReadImage>,
  job: Job<Part>,
): Promise<{ readonly first: ReadImage; readonly open: OpenNetwork } | undefined> {
  for (;;) {
    const { value: first, done } = await images.next();
    if (done) return undefined;
    try {
      return { first, open: await openFor(job, first.parts[0].input.dims) };
    } catch (error) {
      if (!isVoxplainError(error, "mismatch")) throw error;
      if (job.onFailure({ session: first.input.session, error }) === "stop") return undefined;
    }
  }
}

interface Opened<Part extends PredictedPart> {
  readonly job: Job<Part>;
  readonly open: OpenNetwork;
  readonly failed: FailedImages;
  readonly loans: LentImages;
}

async function* partItems<Part extends PredictedPart>(
  first: ReadImage,
  rest: AsyncIterator<ReadImage>,
  opened: Opened<Part>,
): AsyncGenerator<PartItem> {
  const { job, open, loans } = opened;
  for (let image: ReadImage | undefined = first; image !== undefined; ) {
    const failure = misfit(image, () => open.model.inputDims);
    const target = failure === undefined ? await targetOf(image, opened) : job.onFailure(failure);
    if (target === "stop") return;
    if (target !== "skip") {
      image = await loans.lend(image);
      for (const part of image.parts) yield itemOf(image, part, target);
    }
    const next: IteratorResult<ReadImage> = await rest.next();
    image = next.done ? undefined : next.value;
  }
}

async function targetOf<Part extends PredictedPart>(
  image: ReadImage,
  { job, open, failed }: Opened<Part>,
): Promise<number | "stop" | "skip"> {
  const { target = "predicted" } = job.plan.request;
  if (target !== "predicted") return classOf(target);
  if (job.task.method === undefined) return 0;
  try {
    const parts = await predictParts(open, job, image, image.parts);
    return imagePrediction(image.input.session.name, parts, job.task.voting).predictedClass;
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return failed.add(image, error);
  }
}
