import type { Session, SessionFailure } from "@voxplain/caps-io";
import { isVoxplainError, type ModelRuntime, type VoxplainError } from "@voxplain/core";
import { runWarnings } from "@voxplain/saliency";
import type { PlannedGroup } from "../plan/image-group.ts";
import type { Plan, Task } from "../plan/request.ts";
import type { PredictedImage } from "./explained-image.ts";
import type { PredictedPart } from "./explained-part.ts";
import { imagePrediction } from "./image-prediction.ts";
import { throughNetworkPerPart } from "./network-per-part.ts";
import { type NetworkSlot, networkSlot } from "./network-slot.ts";
import { noneUsable } from "./none-usable.ts";
import { throughOneNetwork } from "./one-network.ts";
import { type Progress, progressOf } from "./progress.ts";
import { readImages } from "./read-images.ts";
import type { ComputedImage, Job, Work } from "./work.ts";

/** How a plan is carried out. */
export interface RunOptions {
  /** What computes; or a slot on it, whose network stays open for the next call. */
  readonly runtime: ModelRuntime | NetworkSlot;
  /** One of the tasks of the plan; default: all, one after the other. */
  readonly task?: Task;
  /** Ends the sequence with its reason within one pass through the network; whatever was opened is closed. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each pass through the network, and for each image. */
  readonly progress?: ((progress: Progress) => void) | undefined;
  /** Which sessions are computed; default: all. Where none is left, the sequence is empty. */
  readonly only?: ((session: Session) => boolean) | undefined;
  /** Called for each session that cannot be used, in the order of the list. */
  readonly onFailure?: ((failure: SessionFailure) => void) | undefined;
  /** Runs of small inputs that the runtime computes at once; default 1. */
  readonly concurrentRuns?: number | undefined;
  /**
   * Returns whole images and their maps in memory of the runtime, which writes others there as soon as the next image is asked for:
   * they must not be read after that. Saves copies and memory. Default: false.
   */
  readonly borrow?: boolean | undefined;
}

/** An image that went through its networks, and the class whose logit was explained. */
interface Finished<Part extends PredictedPart> {
  readonly image: PredictedImage<Part>;
  readonly target: number;
}

/** More sessions of ONNX Runtime than these only take memory: each can have several threads. */
const mostConcurrentRuns = 8;

/** Takes the images of a task through its networks, in order. */
export async function* runTask<Part extends PredictedPart>(
  plan: Plan,
  task: Task,
  options: RunOptions,
  workWith: (onPass: (inputs: number) => void, slot: NetworkSlot, group: PlannedGroup) => Work<Part>,
): AsyncGenerator<Finished<Part>> {
  const { runtime, signal } = options;
  const { onError = "stop" } = plan.request;
  const slot = "open" in runtime ? runtime : networkSlot(runtime);
  const failures: SessionFailure[] = [...task.missing];
  let fatal: VoxplainError | undefined;
  const shared = {
    ...{ plan, task, slot, signal, borrow: options.borrow === true },
    concurrentRuns: concurrentRunsOf(plan, task, options),
    onFailure(failure: SessionFailure) {
      failures.push(failure);
      watched.leftOut();
      options.onFailure?.(failure);
      if (onError === "stop") fatal ??= failure.error;
      return onError;
    },
  };
  const groups = groupsOf(task, options);
  const watched = progressOf({ ...task, images: groups.flatMap(({ images }) => images) }, options.progress);
  let count = 0;
  try {
    for (const group of groups) {
      const job: Job<Part> = {
        ...{ ...shared, group },
        work: workWith((inputs) => watched.pass(inputs), slot, group),
      };
      for await (const computed of throughNetworks(job)) {
        const image = imageOf(computed, job);
        if (image === "stop") break;
        if (image === "skip") continue;
        count++;
        watched.image(image.session);
        yield { image, target: computed.target };
      }
      if (fatal !== undefined) break;
    }
    signal?.throwIfAborted();
    if (fatal !== undefined) throw fatal;
    if (count === 0 && options.only === undefined) throw noneUsable(failures.map(({ error }) => error));
  } finally {
    if (slot !== runtime) await slot.release();
  }
}

/** The images that are computed; what a network and a method are opened for stays that of the whole list. */
function groupsOf({ groups }: Task, { only }: RunOptions): readonly PlannedGroup[] {
  if (only === undefined) return groups;
  const wanted = groups.map((group) => ({
    ...group,
    images: group.images.filter(({ session }) => only(session)),
  }));
  return wanted.filter(({ images }) => images.length > 0);
}

function throughNetworks<Part extends PredictedPart>(job: Job<Part>): AsyncGenerator<ComputedImage<Part>> {
  const { plan, task } = job;
  const images = readImages(job);
  return plan.model.networkCount(task.network) === undefined
    ? throughOneNetwork(images, job)
    : throughNetworkPerPart(images, job);
}

/** Checks come one after the other, and each is to have all threads. */
function concurrentRunsOf(plan: Plan, task: Task, { concurrentRuns = 1 }: RunOptions): number {
  const several = plan.model.parts.mode !== "image" || task.images.length > 1;
  return plan.request.checks !== undefined || !several ? 1 : Math.min(concurrentRuns, mostConcurrentRuns);
}

function imageOf<Part extends PredictedPart>(
  { input, parts }: ComputedImage<Part>,
  { plan, task, onFailure }: Job<Part>,
): PredictedImage<Part> | "stop" | "skip" {
  const { session } = input;
  try {
    const prediction = imagePrediction(session.name, parts, task.voting);
    const trueLabel = task.trueLabels.get(session);
    return {
      ...{ session, task, input, parts, prediction, trueLabel },
      isKept: keeps(plan, prediction.predictedClass, trueLabel),
      warnings: warningsAbout(input.warnings, parts),
    };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return onFailure({ session, error });
  }
}

/** Whether `keepTrue` keeps an image. */
export function keeps(
  { request: { keepTrue } }: Plan,
  predictedClass: number,
  trueLabel: number | undefined,
): boolean {
  return keepTrue === undefined || keepTrue === (predictedClass === trueLabel);
}

function warningsAbout(ofImage: readonly string[], parts: readonly PredictedPart[]): readonly string[] {
  const ofMaps = runWarnings();
  for (const { part, warnings } of parts) ofMaps.add(part.name === "image" ? "" : part.name, warnings);
  return [...ofImage, ...parts.flatMap(({ part }) => part.warnings), ...ofMaps.sentences()];
}
