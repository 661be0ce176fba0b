import type { Tensor } from "@voxplain/core";
import type { DifferentiableModel } from "./attribution.ts";
import { acceptedBatches, joined, joinedGradients } from "./one-by-one.ts";

/** What ends a computation, and what it reports. */
export interface WatchOptions {
  /**
   * Ends the computation with its reason within one pass through the network: none is begun after the abort, and the
   * runtime is not waited for. Sessions stay open until the model is released.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called whenever inputs have gone through the network, with their number: one input forward, or forward and
   * backward, is one pass. What is computed to find out why a map is zero or logits are not finite does not count.
   */
  readonly onPass?: ((inputs: number) => void) | undefined;
}

/** The same model, whose passes are counted and end when the signal is aborted. */
export function watchedModel(
  model: DifferentiableModel,
  { signal, onPass }: WatchOptions,
): DifferentiableModel {
  if (signal === undefined && onPass === undefined) return model;
  // Inputs that the model computes one by one are counted one by one.
  const eachPart = async <Result>(
    batch: Tensor<"float32">,
    compute: (part: Tensor<"float32">) => Promise<Result>,
  ): Promise<Result[]> => {
    const results: Result[] = [];
    for (const part of acceptedBatches(batch, model.oneByOne ?? false)) {
      signal?.throwIfAborted();
      results.push(await compute(part));
      onPass?.(part.dims[0] ?? 0);
      signal?.throwIfAborted();
    }
    return results;
  };
  return {
    ...model,
    signal: signal ?? model.signal,
    forward: async (batch, options = {}) => {
      const withSignal = { ...options, signal: options.signal ?? signal };
      return joined(await eachPart(batch, (part) => model.forward(part, withSignal)));
    },
    gradient: async (batch, target, options = {}) => {
      const withSignal = { ...options, signal: options.signal ?? signal };
      const parts = await eachPart(batch, (part) => model.gradient(part, target, withSignal));
      return joinedGradients(parts, batch, options);
    },
    ...(model.beginRay && {
      async beginRay(input, target, options = {}) {
        const withSignal = { signal: options.signal ?? signal };
        const ray = await model.beginRay?.(input, target, withSignal);
        if (ray === undefined) return undefined;
        return {
          ...ray,
          async add(point, options = {}) {
            signal?.throwIfAborted();
            const logits = await ray.add(point, { signal: options.signal ?? signal });
            onPass?.(1);
            signal?.throwIfAborted();
            return logits;
          },
          sum: (options = {}) => ray.sum({ signal: options.signal ?? signal }),
        };
      },
    }),
    whereGradientDies: async (input, target, options = {}) =>
      model.whereGradientDies?.(input, target, { signal: options.signal ?? signal }),
    release: () => model.release(),
  };
}
