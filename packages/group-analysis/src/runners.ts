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

/** How relabellings are computed. */
interface RelabellingControl {
  /** Reads the store of the matrix, where there is one. */
  readonly read?: ReadStore | undefined;
  /**
   * Asked after every 100 relabellings, whatever the number of runners, whether the rest can be left out.
   * @param done The relabellings that are in the distribution; values behind them are 0.
   */
  readonly isDecided?: ((sofar: NullDistribution, done: number) => boolean) | undefined;
}

/** Relabellings between two questions whether the rest can be left out. */
const roundLength = 100;

/** Has all relabellings of a task computed by runners, each taking the next few when it is free. */
export async function allRelabellings(
  task: RelabellingTask,
  starts: readonly StartRunner[],
  { signal, onProgress }: RunOptions,
  { read, isDecided }: RelabellingControl = {},
): Promise<NullDistribution> {
  const total = task.relabellings.count;
  const result: NullDistribution = {
    maxT: new Float64Array(total),
    maxTfce: new Float64Array(total),
    maxClusterSize: new Float64Array(total),
    maxClusterMass: new Float64Array(total),
    maxRegionT: new Float64Array(total),
    exceeding: new Uint32Array(task.matrix.columns),
    exceedingRegions: new Uint32Array(task.regions.columns),
    regionStatistics: new Float64Array(task.keepRegions ? total * task.regions.columns : 0),
  };
  let next = 0;
  let last = 0;
  let done = 0;
  let failed = false;
  const work = async (runner: RelabellingRunner): Promise<void> => {
    try {
      while (next < last && !failed) {
        signal?.throwIfAborted();
        // Progress and cancellation are as fine as what a runner gets at a time.
        const [from, to] = [next, Math.min(last, next + batchLength)];
        next = to;
        merge(result, await unlessAborted(runner.run(from, to), signal));
        done += to - from;
        onProgress?.({ phase: "relabellings", done, total });
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const started = await Promise.allSettled(starts.map(async (start) => start(task, read)));
  const runners = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  try {
    for (const one of started) if (one.status === "rejected") throw one.reason;
    while (last < total) {
      last = isDecided === undefined ? total : Math.min(total, last + roundLength);
      await Promise.all(runners.map(work));
      if (isDecided?.(result, last)) break;
    }
  } finally {
    await Promise.all(runners.map(async (runner) => runner.end?.()));
  }
  const computed = (values: Float64Array) => values.slice(0, last);
  return {
    ...result,
    ...{ maxT: computed(result.maxT), maxTfce: computed(result.maxTfce) },
    ...{ maxClusterSize: computed(result.maxClusterSize), maxClusterMass: computed(result.maxClusterMass) },
    maxRegionT: computed(result.maxRegionT),
    regionStatistics: result.regionStatistics.slice(0, task.keepRegions ? last * task.regions.columns : 0),
  };
}

function merge(into: NullDistribution, part: RelabellingPart): void {
  for (const name of ["maxT", "maxTfce", "maxClusterSize", "maxClusterMass", "maxRegionT"] as const) {
    into[name].set(part[name], part.from);
  }
  const width = part.regionStatistics.length / (part.to - part.from);
  into.regionStatistics.set(part.regionStatistics, part.from * width);
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
