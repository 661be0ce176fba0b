import { stepByStep, unlessAborted } from "@voxplain/core";
import { outside } from "./elements.ts";
import type { ReadStore } from "./matrix-blocks.ts";
import {
  batchLength,
  type RelabellingPart,
  type RelabellingTask,
  relabellingSteps,
} from "./null-distribution.ts";
import type { RunOptions } from "./run-options.ts";

/** Something that computes relabellings of one task: this thread, a worker thread, a Web Worker. */
export interface RelabellingRunner {
  /** Relabellings `from` to `to` − 1. */
  run(from: number, to: number): Promise<RelabellingPart>;
  /** Called when no more are wanted, also after an error; ends a worker at once. */
  end?(): void | Promise<void>;
}

/**
 * Starts a runner. One in a worker sends the task over (its matrices are in shared memory where there is some), calls
 * `startRelabellings` there once, and then the function that it got for every `run`. `read` reads the store of the matrix in this
 * thread, where there is one; a worker opens the store by its name.
 */
export type StartRunner = (
  task: RelabellingTask,
  read?: ReadStore,
) => RelabellingRunner | Promise<RelabellingRunner>;

/** Computes in the thread that asks, and lets other events be handled about every 50 ms. */
export const inThisThread: StartRunner = (task, read) => {
  const steps = relabellingSteps(task, read);
  const ended = new AbortController();
  return {
    run: (from, to) => stepByStep(steps(from, to), ended.signal),
    end: () => ended.abort(),
  };
};

/** The sum of all parts. */
export type NullDistribution = Omit<RelabellingPart, "from" | "to">;

/** Has all relabellings of a task computed by runners, each taking the next few when it is free. */
export async function allRelabellings(
  task: RelabellingTask,
  starts: readonly StartRunner[],
  { signal, onProgress }: RunOptions,
  read?: ReadStore,
): Promise<NullDistribution> {
  // Relabellings that a runner gets at a time: progress and cancellation are as fine as this.
  const chunkLength = batchLength(task.matrix);
  const total = task.relabellings.count;
  const result: NullDistribution = {
    maxT: new Float64Array(total),
    maxTfce: new Float64Array(total),
    maxClusterSize: new Float64Array(total),
    maxClusterMass: new Float64Array(total),
    maxRegionT: new Float64Array(total),
    exceeding: new Uint32Array(task.matrix.columns),
    exceedingRegions: new Uint32Array(task.regions.columns),
  };
  let next = 0;
  let done = 0;
  let failed = false;
  const work = async (start: StartRunner): Promise<void> => {
    const runner = await start(task, read);
    try {
      while (next < total && !failed) {
        signal?.throwIfAborted();
        const from = next;
        next = Math.min(total, from + chunkLength);
        merge(result, await unlessAborted(runner.run(from, next), signal));
        done += Math.min(total, from + chunkLength) - from;
        onProgress?.({ phase: "relabellings", done, total });
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      await runner.end?.();
    }
  };
  await Promise.all(starts.map(work));
  return result;
}

function merge(into: NullDistribution, part: RelabellingPart): void {
  for (const name of ["maxT", "maxTfce", "maxClusterSize", "maxClusterMass", "maxRegionT"] as const) {
    into[name].set(part[name], part.from);
  }
  for (const name of ["exceeding", "exceedingRegions"] as const) {
    const sums = into[name];
    const more = part[name];
    for (let v = 0; v < more.length; v++) {
      const sum = sums[v];
      const count = more[v];
      if (sum === undefined || count === undefined) throw outside(v);
      sums[v] = sum + count;
    }
  }
}
