import { elementCount, errorAt, isVoxplainError, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { DifferentiableModel } from "./attribution.ts";
import { isSmallInput, shapeMisfit } from "./input-shape.ts";
import type { WatchOptions } from "./watched-model.ts";

/** How a sequence of inputs goes through a network. */
export interface BatchOptions<Item = unknown> extends WatchOptions {
  /** Inputs that the network gets at once, where they are small enough for that to help. */
  readonly batchSize: number;
  /** Whether two inputs that follow one another may share a batch; default: any may. */
  readonly together?: (one: Item, other: Item) => boolean;
  /**
   * Called, in the order of the inputs, for one that cannot be used because something is not finite: the input,
   * weights, or the logits. "skip" leaves it out, "stop" ends the sequence. Without it the error is thrown.
   */
  readonly onFailure?: (item: Item, error: VoxplainError) => "stop" | "skip";
}

/** An input of a sequence. */
export interface BatchItem {
  /** [...inputDims] */
  readonly input: Tensor<"float32">;
  /** For messages. */
  readonly name: string;
}

/** At least one. */
export type Batch<Item> = readonly [Item, ...Item[]];

/** What is computed of a batch. */
export interface BatchWork<Item, Result> {
  /** Whether two inputs may be computed at once; default: any may. */
  readonly together?: (one: Item, other: Item) => boolean;
  /** @param input - [N, ...inputDims] of the N items. */
  compute(input: Tensor<"float32">, items: Batch<Item>): Promise<readonly Result[]>;
}

/** Queue limit, in values, that keeps all concurrent runs busy. */
const valuesAhead = 2 ** 22;

/**
 * Takes inputs through the network one after the other, in their order. While the runtime computes one batch the next is
 * read and queued; no more than these two are in memory. With a model's `concurrentRuns` there are as many at once, and
 * as many again as 2²² values hold, eight for each run at most: most images' patches, so that
 * nothing waits while their maps are put together.
 */
export async function* inBatches<Item extends BatchItem, Result extends object>(
  model: DifferentiableModel,
  items: AsyncIterable<Item> | Iterable<Item>,
  options: BatchOptions<Item>,
  work: BatchWork<Item, Result>,
): AsyncGenerator<Result> {
  const isAlone = model.oneByOne === true || !isSmallInput(model.inputDims);
  const size = isAlone ? 1 : options.batchSize;
  const inFlight = batchesInFlight(model, size);
  const running: Promise<Outcome<Item, Result>[]>[] = [];
  const together = (one: Item, other: Item) =>
    (options.together?.(one, other) ?? true) && (work.together?.(one, other) ?? true);
  for await (const batch of batches(items, size, together)) {
    options.signal?.throwIfAborted();
    for (const { name, input } of batch) {
      const misfit = shapeMisfit(name, input.dims, model.inputDims);
      if (misfit !== undefined) throw misfit;
    }
    const next = computeBatch(model, batch, options, work);
    // Avoid an unhandled rejection when an earlier batch fails.
    next.catch(() => {});
    running.push(next);
    if (running.length < inFlight) continue;
    for (const outcome of (await running.shift()) ?? []) {
      options.signal?.throwIfAborted();
      if (!("error" in outcome)) yield outcome.result;
      else if (failureOf(outcome, options) === "stop") return;
    }
  }
  for (const batch of running) {
    for (const outcome of await batch) {
      options.signal?.throwIfAborted();
      if (!("error" in outcome)) yield outcome.result;
      else if (failureOf(outcome, options) === "stop") return;
    }
  }
}

interface Failed<Item> {
  readonly item: Item;
  readonly error: VoxplainError;
}

type Outcome<Item, Result> = { readonly result: Result } | Failed<Item>;

function failureOf<Item>({ item, error }: Failed<Item>, { onFailure }: BatchOptions<Item>) {
  if (onFailure === undefined) throw error;
  return onFailure(item, error);
}

/** One input that is not finite must not cost the others their maps: the inputs of its batch are computed one by one. */
async function computeBatch<Item extends BatchItem, Result>(
  model: DifferentiableModel,
  batch: Batch<Item>,
  options: BatchOptions<Item>,
  work: BatchWork<Item, Result>,
): Promise<Outcome<Item, Result>[]> {
  try {
    const results = await work.compute(stack(batch, model.inputDims), batch);
    return results.map((result) => ({ result }));
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isVoxplainError(error, "not-finite")) throw error;
    const [item, ...others] = batch;
    if (others.length === 0) return [{ item, error: await namedError(model, item, error) }];
    const outcomes: Outcome<Item, Result>[] = [];
    for (const one of batch) outcomes.push(...(await computeBatch(model, [one], options, work)));
    return outcomes;
  }
}

/** Says of which input it is, or that the input is fine and an altered one, which the method computes, is not. */
async function namedError(
  model: DifferentiableModel,
  { name, input }: BatchItem,
  error: VoxplainError,
): Promise<VoxplainError> {
  try {
    await model.forward(tensor("float32", [1, ...model.inputDims], input.data));
  } catch (own) {
    if (!isVoxplainError(own, "not-finite")) throw own;
    return errorAt(own, { session: name });
  }
  const { code, problem, file, expected, found, hint } = error;
  return new VoxplainError(
    code,
    "of an image that the method makes from it (with noise, with something hidden, between it and a baseline, " +
      `or one that it is compared with) ${problem}`,
    { session: name, file, expected, found, hint, cause: error },
  );
}

function batchesInFlight({ inputDims, concurrentRuns = 1 }: DifferentiableModel, size: number): number {
  if (concurrentRuns === 1) return 2;
  const batchesAhead = Math.floor(valuesAhead / Math.max(1, size * elementCount(inputDims)));
  return concurrentRuns + Math.max(1, Math.min(8 * concurrentRuns, batchesAhead));
}

async function* batches<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  size: number,
  together: (one: Item, other: Item) => boolean,
): AsyncGenerator<Batch<Item>> {
  let batch: [Item, ...Item[]] | undefined;
  for await (const item of items) {
    if (batch !== undefined && !together(batch[0], item)) {
      yield batch;
      batch = undefined;
    }
    if (batch === undefined) batch = [item];
    else batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = undefined;
  }
  if (batch !== undefined) yield batch;
}

function stack(
  batch: readonly { readonly input: Tensor<"float32"> }[],
  dims: readonly number[],
): Tensor<"float32"> {
  const [only, ...others] = batch;
  if (only !== undefined && others.length === 0) return tensor("float32", [1, ...dims], only.input.data);
  const size = elementCount(dims);
  const data = new Float32Array(batch.length * size);
  batch.forEach(({ input }, k) => {
    data.set(input.data, k * size);
  });
  return tensor("float32", [batch.length, ...dims], data);
}
