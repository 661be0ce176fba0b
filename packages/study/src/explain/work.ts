import type { ImageInput, PartInput, SessionFailure } from "@voxplain/caps-io";
import type { Tensor, VoxplainError } from "@voxplain/core";
import { outputOf } from "../plan/check-network.ts";
import type { PlannedGroup } from "../plan/image-group.ts";
import type { Plan, SettledTarget, Task } from "../plan/request.ts";
import type { PredictedPart } from "./explained-part.ts";
import type { NetworkSlot, OpenNetwork, SlotRequest } from "./network-slot.ts";

/** An image whose parts were all read. */
export interface ReadImage {
  readonly input: ImageInput;
  /** At least one. */
  readonly parts: readonly [PartInput, ...PartInput[]];
}

/** A part on its way through a network. */
export interface PartItem {
  readonly image: ReadImage;
  readonly part: PartInput;
  readonly input: Tensor<"float32">;
  /** For messages. */
  readonly name: string;
  /** Whose logit is explained. */
  readonly target: number;
}

/** An image whose parts went through their networks. */
export interface ComputedImage<Part extends PredictedPart> {
  readonly input: ImageInput;
  readonly parts: readonly Part[];
  readonly target: number;
}

/** What is computed of the parts of images. */
export interface Work<Part extends PredictedPart> {
  /** Parts in their order; what is not finite goes to `onFailure`. */
  compute(
    open: OpenNetwork,
    items: AsyncIterable<PartItem> | Iterable<PartItem>,
    onFailure: (item: PartItem, error: VoxplainError) => "stop" | "skip",
  ): AsyncIterable<{ readonly item: PartItem; readonly part: Part }>;
  /** What else is done while the network is open, such as checks. */
  finish(part: Part, item: PartItem, open: OpenNetwork): Promise<Part>;
}

/** The work, and what it needs. */
export interface Job<Part extends PredictedPart> {
  readonly plan: Plan;
  readonly task: Task;
  /** The images of the task that are computed. */
  readonly group: PlannedGroup;
  readonly work: Work<Part>;
  readonly slot: NetworkSlot;
  readonly concurrentRuns: number;
  readonly signal: AbortSignal | undefined;
  /** Whether images may be in memory of the runtime, which is used again when the next one is asked for. */
  readonly borrow: boolean;
  /** Called for an image that cannot be used. "stop" ends the sequence, after what was begun before. */
  onFailure(failure: SessionFailure): "stop" | "skip";
}

/** Opens the network that sees a part, or every part. */
export function openFor<Part extends PredictedPart>(
  { plan: { model, request }, task: { network: choice }, group: { method }, slot, concurrentRuns }: Job<Part>,
  inputDims: readonly number[],
  { index = 0, onOpening }: OpenOptions = {},
): Promise<OpenNetwork> {
  const part = model.networkCount(choice) === undefined ? 0 : index;
  const wanted = { model, choice, inputDims, part, concurrentRuns, method, onOpening };
  return slot.open({ ...wanted, ...outputOf(request) });
}

interface OpenOptions extends Pick<SlotRequest, "onOpening"> {
  /** Of the part, where each has a network of its own. */
  readonly index?: number;
}

/** @param target - Whose logit is explained. */
export function itemOf(image: ReadImage, part: PartInput, target: number): PartItem {
  return { image, part, input: part.input, name: partName(image.input, part), target };
}

/**
 * Whether parts may share a batch. Images may not: the last digits of a result depend on the length of its batch, and an
 * image's result must not depend on the images beside it, of which some may be broken, or finished before.
 */
export function ofOneImage(one: PartItem, other: PartItem): boolean {
  return one.image === other.image;
}

/** "sub-01 ses-M00", or "sub-01 ses-M00 patch-3". */
export function partName({ session }: ImageInput, { name }: PartInput): string {
  return name === "image" ? session.name : `${session.name} ${name}`;
}

/** The logit that is explained; one value of the output is the only one. */
export function classOf(target: Exclude<SettledTarget, "predicted">): number {
  return typeof target === "object" ? 0 : target;
}
