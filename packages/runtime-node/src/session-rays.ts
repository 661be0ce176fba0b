import {
  type InferenceSession,
  type NamedTensors,
  type RunOptions,
  type Tensor,
  unlessAborted,
} from "@voxplain/core";
import type { LentMemory } from "./lent-memory.ts";
import type { RayStep, WorkerRequest } from "./worker-protocol.ts";

/** What is asked of the thread, and what is called when it has read it. */
export interface Asked
  extends Pick<Extract<WorkerRequest, { kind: "run" }>, "feeds" | "image" | "fetches" | "ray"> {
  readonly transfer?: readonly ArrayBuffer[];
  giveBack(): void;
}

/** Its answer. */
export interface Answer {
  readonly results: NamedTensors;
  /** Whether a ray was begun. */
  readonly begun: boolean;
}

/**
 * Sums of gradients at multiples of one image, which stays in its place meanwhile. One waits for the other.
 * @param gradient - Name of the gradient at the image.
 */
export function sessionRays(
  memory: LentMemory,
  gradient: string,
  checkOpen: (signal: AbortSignal | undefined) => void,
  ask: (asked: Asked, options: Pick<RunOptions, "borrow" | "signal">) => Promise<Answer>,
): NonNullable<InferenceSession["beginRay"]> {
  /** Resolves when the last ray that was asked for has ended. */
  let last = Promise.resolve();
  return async (given, { signal } = {}) => {
    const before = last;
    let end = () => {};
    last = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await unlessAborted(before, signal);
      checkOpen(signal);
    } catch (error) {
      before.then(end);
      throw error;
    }
    let image: number | undefined;
    try {
      image = memory.take(given);
    } finally {
      if (image === undefined) end();
    }
    if (image === undefined) return undefined;
    const place = image;
    // The thread may still read the image when nobody waits for its answer any more.
    let users = 1;
    const leave = () => {
      users--;
      if (users > 0) return;
      memory.leave(place);
      end();
    };
    const step = (ray: RayStep, rest: Partial<Asked>, options: Pick<RunOptions, "borrow" | "signal">) => {
      checkOpen(options.signal);
      users++;
      return ask({ feeds: {}, image: place, fetches: [], ray, giveBack: leave, ...rest }, options);
    };
    let isReleased = false;
    let begun = false;
    try {
      begun = (await step({ kind: "begin" }, {}, { signal })).begun;
    } finally {
      if (!begun) leave();
    }
    if (!begun) return undefined;
    return {
      async add(point, feeds, { fetches = [], signal } = {}) {
        return (await step({ kind: "add", point }, { feeds, fetches }, { signal })).results;
      },
      async sum(options = {}) {
        const { results } = await step({ kind: "sum" }, {}, options);
        return results[gradient] as Tensor<"float32">;
      },
      release() {
        if (!isReleased) leave();
        isReleased = true;
      },
    };
  };
}
