import { elementCount, isVoxplainError, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { Attribution, AttributionMethod, DifferentiableModel, Refinement } from "./attribution.ts";
import { type Prediction, predict } from "./prediction.ts";
import { type DeadGradient, type MapWarning, warningsOf, whyZero } from "./warnings/map-warning.ts";
import { type WatchOptions, watchedModel } from "./watched-model.ts";

/** How a sequence of inputs is explained. */
export interface ExplainOptions<Item = unknown> extends WatchOptions {
  /** What makes the maps. */
  readonly method: AttributionMethod;
  /** The class whose logit is explained, from 0. */
  readonly target: number;
  /** Inputs that the network gets at once, where they are small enough for that to help. */
  readonly batchSize: number;
  /**
   * Called, in the order of the inputs, for one that cannot be explained because something is not finite: the input,
   * weights, or the logits. "skip" leaves it out, "stop" ends the sequence. Without it the error is thrown.
   */
  readonly onFailure?: (item: Item, error: VoxplainError) => "stop" | "skip";
}

/** An input with its map and what the network says of it. */
export interface Explained<Item> {
  /** What was given, as it was. */
  readonly item: Item;
  /** [...inputDims], or with one channel where the method has none of its own. */
  readonly map: Tensor<"float32">;
  /** What the network says of it. */
  readonly prediction: Prediction;
  /** By how much the map misses the difference that it should add up to; of some methods. */
  readonly delta?: number;
  /** What is odd about the map or the logits; empty for most. */
  readonly warnings: readonly MapWarning[];
  /** How many passes the map took; of methods that refine it until a tolerance is reached. */
  readonly refinement?: Refinement;
}

/**
 * Above this many values an input goes through the network alone: together, two volumes of
 * 169×208×179 take twice the memory and 4 % less time.
 */
const valuesWorthBatching = 2 ** 20;

/** These many values may wait where several runs are computed at once, lest one of them has to wait for an image. */
const valuesAhead = 2 ** 22;

/**
 * Explains inputs one after the other, in their order. While the runtime computes one batch the next is read and
 * queued; no more than these two are in memory. Of a model with `concurrentRuns` there are as many at once, and
 * as many again as 2²² values hold, four for each run at most.
 * @throws VoxplainError `mismatch` naming the input whose shape the network does not take; `not-finite` naming the
 * input whose logits are NaN or infinite, and where that begins; the signal's reason after an abort.
 */
export async function* explain<
  Item extends {
    /** [...inputDims] */
    readonly input: Tensor<"float32">;
    /** For messages. */
    readonly name: string;
  },
>(
  given: DifferentiableModel,
  items: AsyncIterable<Item> | Iterable<Item>,
  options: ExplainOptions<Item>,
): AsyncGenerator<Explained<Item>> {
  const model = watchedModel(given, options);
  const isAlone = model.oneByOne === true || elementCount(model.inputDims) > valuesWorthBatching;
  const size = isAlone ? 1 : options.batchSize;
  const inFlight = batchesInFlight(model, size);
  const running: Promise<Outcome<Item>[]>[] = [];
  const reason = whyZero(model, options.target);
  for await (const batch of batches(items, size)) {
    options.signal?.throwIfAborted();
    for (const { name, input } of batch) checkShape(name, input, model.inputDims);
    const next = explainBatch(model, batch, options, reason);
    // Should a batch before it fail, nobody waits for this one.
    next.catch(() => {});
    running.push(next);
    if (running.length < inFlight) continue;
    for (const outcome of (await running.shift()) ?? []) {
      options.signal?.throwIfAborted();
      if (!("error" in outcome)) yield outcome;
      else if (failureOf(outcome, options) === "stop") return;
    }
  }
  for (const batch of running) {
    for (const outcome of await batch) {
      options.signal?.throwIfAborted();
      if (!("error" in outcome)) yield outcome;
      else if (failureOf(outcome, options) === "stop") return;
    }
  }
}

interface Named {
  readonly input: Tensor<"float32">;
  readonly name: string;
}

interface Failed<Item> {
  readonly item: Item;
  readonly error: VoxplainError;
}

/** Why the map of an input [1, ...inputDims] is zero. */
type Reason = (input: Tensor<"float32">) => Promise<DeadGradient | undefined>;

type Outcome<Item> = Explained<Item> | Failed<Item>;

function failureOf<Item>({ item, error }: Failed<Item>, { onFailure }: ExplainOptions<Item>) {
  if (onFailure === undefined) throw error;
  return onFailure(item, error);
}

/** One input that is not finite must not cost the others their maps: the inputs of its batch are computed one by one. */
async function explainBatch<Item extends Named>(
  model: DifferentiableModel,
  batch: readonly Item[],
  options: ExplainOptions<Item>,
  reason: Reason,
): Promise<Outcome<Item>[]> {
  try {
    const attribution = await options.method(model, stack(batch, model.inputDims), options.target);
    return await split(batch, attribution, model, reason);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isVoxplainError(error, "not-finite")) throw error;
    const [item, ...others] = batch;
    if (item === undefined) throw error;
    if (others.length === 0) return [{ item, error: await namedError(model, item, error) }];
    const outcomes: Outcome<Item>[] = [];
    for (const one of batch) outcomes.push(...(await explainBatch(model, [one], options, reason)));
    return outcomes;
  }
}

/** Says of which input it is, or that the input is fine and an altered one, which the method computes, is not. */
async function namedError(
  model: DifferentiableModel,
  { name, input }: Named,
  error: VoxplainError,
): Promise<VoxplainError> {
  try {
    await model.forward(tensor("float32", [1, ...model.inputDims], input.data));
  } catch (own) {
    if (!isVoxplainError(own, "not-finite")) throw own;
    return new VoxplainError("not-finite", `${name}: ${own.message}`, { cause: own });
  }
  return new VoxplainError(
    "not-finite",
    `${name}: of an image that the method makes from it (with noise, with something hidden, between it and a baseline, ` +
      `or one that it is compared with) ${error.message}`,
    { cause: error },
  );
}

function batchesInFlight({ inputDims, concurrentRuns = 1 }: DifferentiableModel, size: number): number {
  if (concurrentRuns === 1) return 2;
  const batchesAhead = Math.floor(valuesAhead / Math.max(1, size * elementCount(inputDims)));
  return concurrentRuns + Math.max(1, Math.min(4 * concurrentRuns, batchesAhead));
}

async function* batches<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  size: number,
): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
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

async function split<Item extends Named>(
  batch: readonly Item[],
  { map: maps, logits, delta: deltas, unexplained, refinement: refinements }: Attribution,
  { classCount, decision, inputDims }: DifferentiableModel,
  reason: Reason,
): Promise<Explained<Item>[]> {
  const dims = maps.dims.slice(1);
  const size = elementCount(dims);
  const all: Explained<Item>[] = [];
  for (const [k, item] of batch.entries()) {
    const map = tensor("float32", dims, maps.data.subarray(k * size, (k + 1) * size));
    const prediction = predict(logits.data.subarray(k * classCount, (k + 1) * classCount), decision);
    const delta = deltas && { delta: deltas[k]! };
    const refinement = refinements && { refinement: refinements[k]! };
    const found = { map, prediction, ...delta, ...(unexplained && { unexplained: unexplained[k]! }) };
    const input = tensor("float32", [1, ...inputDims], item.input.data);
    const warnings = await warningsOf(found, () => reason(input));
    all.push({ item, map, prediction, ...delta, ...refinement, warnings });
  }
  return all;
}

function checkShape(name: string, { dims }: Tensor<"float32">, expected: readonly number[]): void {
  if (dims.join() === expected.join()) return;
  throw new VoxplainError(
    "mismatch",
    `${name} has the shape [${dims.join(", ")}], but the network takes [${expected.join(", ")}]: ` +
      "is it an image of another preprocessing?",
  );
}
