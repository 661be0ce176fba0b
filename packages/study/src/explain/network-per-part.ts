import { isVoxplainError } from "@voxplain/core";
import type { PredictedPart } from "./explained-part.ts";
import { failedImages, misfit } from "./failed-images.ts";
import { imagePrediction, predictParts } from "./image-prediction.ts";
import type { OpenNetwork } from "./network-slot.ts";
import { type ComputedImage, classOf, itemOf, type Job, openFor, type ReadImage } from "./work.ts";

/** Images with all their parts' inputs in memory: at most these many numbers wait for a network. */
const mostWaiting = 2 ** 26;

/**
 * Takes images through the networks of their parts. Those are opened one after the other, for the parts of as many
 * images as 256 MB hold.
 */
export async function* throughNetworkPerPart<Part extends PredictedPart>(
  images: AsyncIterable<ReadImage>,
  job: Job<Part>,
): AsyncGenerator<ComputedImage<Part>> {
  for await (const block of blocks(images, job)) {
    const alive = aliveImages(block, job);
    const targets = await targetsOf(alive, job);
    const computed = new Map<ReadImage, Part[]>(block.map((image) => [image, []]));
    await alive.eachNetwork(async (open, items) => {
      const failed = failedImages(open, job);
      const withTargets = items.map(({ image, part }) => itemOf(image, part, targets.get(image) ?? 0));
      const parts = job.work.compute(open, withTargets, ({ image }, error) =>
        alive.drop(image, failed.add(image, error)),
      );
      for await (const { item, part } of parts) {
        const { image } = item;
        const finished = await job.work
          .finish(part, item, open)
          .catch((error: unknown) => alive.drop(image, failed.inChecks(image, error)));
        if (finished === "stop") break;
        if (finished !== "skip") computed.get(image)?.push(finished);
      }
    });
    for (const image of block) {
      const parts = computed.get(image) ?? [];
      const target = targets.get(image) ?? 0;
      if (parts.length === image.parts.length) yield { input: image.input, parts, target };
    }
    if (alive.stopped) return;
  }
}

interface ImagePart {
  readonly image: ReadImage;
  readonly part: ReadImage["parts"][number];
}

/** The images of a block that have not failed. */
interface AliveImages {
  readonly images: readonly ReadImage[];
  readonly stopped: boolean;
  /** Takes an image out, and ends it all where that is decided. */
  drop(image: ReadImage, decision: "stop" | "skip"): "stop" | "skip";
  /** Opens the network of each part in turn, until an image ends it all. */
  eachNetwork(use: (open: OpenNetwork, parts: readonly ImagePart[]) => Promise<void>): Promise<void>;
}

function aliveImages<Part extends PredictedPart>(
  block: readonly [ReadImage, ...ReadImage[]],
  job: Job<Part>,
): AliveImages {
  const alive = new Set<ReadImage>(block);
  let stopped = false;
  return {
    drop(image, decision) {
      alive.delete(image);
      if (decision === "stop") stopped = true;
      return decision;
    },
    get images() {
      return [...alive];
    },
    get stopped() {
      return stopped;
    },
    async eachNetwork(use) {
      for (const [index, part] of block[0].parts.entries()) {
        if (stopped) return;
        const open = await openFor(job, part.input.dims, { index: part.index });
        const parts = [...alive].flatMap((image) => {
          const own = image.parts[index];
          return own === undefined ? [] : [{ image, part: own }];
        });
        await use(open, parts);
      }
    },
  };
}

/** The class of each image that is explained: that of the request, or what its parts vote for. */
async function targetsOf<Part extends PredictedPart>(
  alive: AliveImages,
  job: Job<Part>,
): Promise<ReadonlyMap<ReadImage, number>> {
  const { target = "predicted" } = job.plan.request;
  if (target !== "predicted") return new Map(alive.images.map((image) => [image, classOf(target)]));
  if (job.task.method === undefined) return new Map();
  const predicted = new Map<ReadImage, Pick<PredictedPart, "part" | "prediction">[]>();
  await alive.eachNetwork(async (open, parts) => {
    const failed = failedImages(open, job);
    for (const { image, part } of parts) {
      try {
        const own = await predictParts(open, job, image, [part]);
        predicted.set(image, [...(predicted.get(image) ?? []), ...own]);
      } catch (error) {
        if (!isVoxplainError(error)) throw error;
        if (alive.drop(image, failed.add(image, error)) === "stop") return;
      }
    }
  });
  const targets = new Map<ReadImage, number>();
  for (const [image, parts] of predicted) {
    if (parts.length < image.parts.length) continue;
    const { session } = image.input;
    try {
      targets.set(image, imagePrediction(session.name, parts, job.task.voting).predictedClass);
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      alive.drop(image, job.onFailure({ session, error }));
    }
  }
  return targets;
}

/** Images of the same shapes. */
async function* blocks<Part extends PredictedPart>(
  images: AsyncIterable<ReadImage>,
  { onFailure }: Job<Part>,
): AsyncGenerator<readonly [ReadImage, ...ReadImage[]]> {
  let block: ReadImage[] = [];
  let waiting = 0;
  let usual: ReadImage | undefined;
  for await (const image of images) {
    usual ??= image;
    const { parts } = usual;
    const failure = misfit(image, (index) => parts[index]?.input.dims ?? []);
    if (failure !== undefined) {
      if (onFailure(failure) === "stop") break;
      continue;
    }
    block.push(image);
    waiting += image.parts.reduce((sum, { input }) => sum + input.data.length, 0);
    if (waiting < mostWaiting) continue;
    const [first, ...others] = block;
    if (first !== undefined) yield [first, ...others];
    [block, waiting] = [[], 0];
  }
  const [first, ...others] = block;
  if (first !== undefined) yield [first, ...others];
}
