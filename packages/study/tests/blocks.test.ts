// What makes a result independent of where a list is cut: batches within an image, and sums in blocks of the list.
import { isVoxplainError, type ModelRuntime, readFile } from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";
import {
  blockLength,
  blocksOf,
  cohortTables,
  explainCohort,
  type GroupSums,
  groupMaps,
  openCohort,
  openModel,
  plan,
  predictCohort,
  type Request,
  sessionSums,
} from "@voxplain/study";
import { describe, expect, it } from "vitest";
import { niftiPath, patches, type ToyModel, toyCaps, toyLabels, toyModel, valuesOf } from "./toy-study.ts";

const runtime = nodeRuntime({ executionProvider: "cpu" });

const numbers = (count: number) => Array.from({ length: count }, (_, k) => k + 1);

async function toyPlan(count: number, request: Request = {}, toy: ToyModel = {}, breakLater = 0) {
  const model = await openModel(await toyModel(toy));
  // Values that a sum in float64 rounds.
  const images = numbers(count).map((k) => ({ values: valuesOf(k).map((value) => value / 3 + k / 7) }));
  const caps = await toyCaps(images);
  const labels = await toyLabels({ AD: numbers(count) });
  const cohort = await openCohort({ caps, labels, diagnoses: ["AD"] });
  const planned = await plan(model, cohort, {
    ...{ target: 1, method: "input-x-gradient", voting: "uniform" },
    ...request,
  });
  if (breakLater > 0) {
    const path = niftiPath(breakLater);
    await caps.write(path, (await readFile(caps, path)).subarray(0, 50));
  }
  return planned;
}

async function collect<T>(sequence: AsyncIterable<T>): Promise<T[]> {
  const all = [];
  for await (const one of sequence) all.push(one);
  return all;
}

describe("blocks", () => {
  it.each([
    [1, 1],
    [64, 1],
    [65, 2],
    [1000, 16],
    [100_000, 1563],
  ])("a list of %d sessions has blocks of %d: never more than 64", (count, length) => {
    expect(blockLength(count)).toBe(length);
    const blocks = blocksOf({ sessions: Array.from({ length: count }) });
    expect(blocks.length).toBeLessThanOrEqual(64);
    expect(blocks[0]).toEqual({ index: 0, start: 0, end: length });
    expect(blocks.at(-1)?.end).toBe(count);
  });
});

describe("a batch", () => {
  /** The lengths of all batches that go through the network. */
  function watched() {
    const lengths: number[] = [];
    const watching: ModelRuntime = {
      ...runtime,
      async createSession(model, options) {
        const session = await runtime.createSession(model, options);
        return {
          ...session,
          run(feeds, runOptions) {
            const [first] = Object.values(feeds);
            lengths.push(first?.dims[0] ?? 0);
            return session.run(feeds, runOptions);
          },
        };
      },
    };
    return { watching, lengths };
  }

  it("holds parts of one image alone", async () => {
    const { watching, lengths } = watched();
    const planned = await toyPlan(3, { batchSize: 3, result: "predictions" }, patches);
    await collect(predictCohort(planned, { runtime: watching }));
    expect(lengths).toEqual([3, 1, 3, 1, 3, 1]);
  });

  it("holds one whole image, whatever --batch_size says: a broken one beside it changes nothing", async () => {
    const { watching, lengths } = watched();
    const planned = await toyPlan(3, { batchSize: 2, onError: "skip" }, {}, 1);
    const images = await collect(explainCohort(planned, { runtime: watching }));
    expect(images).toHaveLength(2);
    expect(lengths).toEqual([1, 1]);
  });
});

describe("errors.tsv", () => {
  it("is in the order of the list, whatever the order in which sessions were found to be broken", async () => {
    const planned = await toyPlan(4, { onError: "skip" }, {}, 2);
    const task = planned.tasks[0];
    if (task === undefined) throw new RangeError("there is a task");
    const failures = [...task.missing];
    const images = explainCohort(planned, { runtime, onFailure: (failure) => failures.push(failure) });
    const used = (await collect(images)).map(({ session }) => session);
    const error = failures[0]?.error;
    if (!isVoxplainError(error)) throw new RangeError("an image is broken");
    const all = [{ session: used[2] ?? used[0], error }, ...failures].flatMap(({ session, error: why }) =>
      session === undefined ? [] : [{ session, error: why }],
    );
    const { "errors.tsv": table } = cohortTables(planned, task, { predictions: [], failures: all, used });
    expect(table?.rows.map((row) => row.participant_id)).toEqual(["sub-02", "sub-04"]);
  });
});

describe("the mean of a list", () => {
  const bitsOf = (planned: Parameters<typeof groupMaps>[0], sums: readonly GroupSums[]) => {
    const group = groupMaps(planned);
    for (const block of sums) group.addSums(block, "whole");
    return group.mean();
  };

  it.each([
    ["whole images, of which each is a block", 5, {}],
    ["whole images in blocks of two", 70, {}],
    ["patches, of images that are a block each", 3, patches],
    ["patches of images in blocks of two", 66, patches],
  ])("has the same bits where its blocks were summed elsewhere: %s", async (_, count, toy) => {
    const planned = await toyPlan(count, { result: "mean" }, toy);
    const images = await collect(explainCohort(planned, { runtime }));
    const whole = groupMaps(planned);
    for (const image of images) whole.add(image);
    const length = blockLength(count);
    const sumsOf = sessionSums(planned.request);
    const sums = blocksOf({ sessions: images }).map(({ index, start, end }) => {
      const block = groupMaps(planned);
      for (const image of images.slice(start, end)) block.addSums(sumsOf(image), index);
      const own = block.blockSums(index);
      if (own === undefined) throw new RangeError("a block has images");
      return own;
    });
    expect(sums[0]?.count).toBe(length);
    // Whoever wants the sums of blocks alone has no other in memory.
    const oneByOne = groupMaps(planned, { onlyBlocks: true });
    for (const [place, image] of images.entries()) {
      const index = Math.floor(place / length);
      oneByOne.addSums(sumsOf(image), index);
      if (place % length === length - 1) expect(oneByOne.blockSums(index)).toEqual(sums[index]);
    }
    expect(() => oneByOne.mean()).toThrow("sums of blocks have no mean");
    expect(bitsOf(planned, sums)).toEqual(whole.mean());
    expect(whole.mean().count).toBe(count);
  });
});
