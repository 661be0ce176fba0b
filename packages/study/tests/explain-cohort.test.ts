import { type ModelRuntime, readFile, VoxplainError } from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";
import {
  explainCohort,
  groupMaps,
  networkSlot,
  openCohort,
  openModel,
  type Progress,
  plan,
  predictCohort,
  type Request,
} from "@voxplain/study";
import { describe, expect, it } from "vitest";
import {
  affine,
  niftiPath,
  shape,
  type ToyModel,
  toyCaps,
  toyLabels,
  toyModel,
  valuesOf,
  weightsOf,
} from "./toy-study.ts";

const runtime = nodeRuntime({ executionProvider: "cpu" });
const weights = weightsOf(32);
const logitOf = (participant: number) =>
  valuesOf(participant).reduce((sum, value, k) => sum + value * (weights[k] ?? 0), 0);

/** Three images of AD, explained by a linear network. */
async function toyPlan(request: Request = {}, { caps = toyCaps([{}, {}, {}]), ...toy }: Toy = {}) {
  const model = await openModel(await toyModel(toy));
  const labels = await toyLabels({ AD: [2, 1, 3] });
  const cohort = await openCohort({ caps: await caps, labels, diagnoses: ["AD"] });
  return plan(model, cohort, { method: "gradients", target: 1, ...request });
}

type Toy = ToyModel & { readonly caps?: ReturnType<typeof toyCaps> };

async function collect<T>(sequence: AsyncIterable<T>): Promise<T[]> {
  const all = [];
  for await (const one of sequence) all.push(one);
  return all;
}

describe("explainCohort", () => {
  it("gives each image its map on its grid, in the order of the list, with what the network says of it", async () => {
    const images = await collect(explainCohort(await toyPlan(), { runtime }));
    expect(images.map(({ session }) => session.name)).toEqual([
      "sub-02 ses-M00",
      "sub-01 ses-M00",
      "sub-03 ses-M00",
    ]);
    for (const [k, participant] of [2, 1, 3].entries()) {
      const image = images[k];
      expect(image?.map.dims).toEqual([1, ...shape]);
      expect([...(image?.map.data ?? [])]).toEqual([...weights]);
      expect(image?.affine).toEqual(affine);
      expect(image?.volume).toMatchObject({ shape, affine });
      expect(image?.prediction.logits?.[1]).toBeCloseTo(logitOf(participant), 4);
      expect([...(image?.anatomy ?? [])]).toEqual([...valuesOf(participant)]);
      expect([image?.target, image?.trueLabel, image?.isKept]).toEqual([1, 1, true]);
    }
  });

  it("asks for the network for the gradient before the first image is read", async () => {
    const caps = await toyCaps([{}, {}, {}]);
    const planned = await toyPlan({}, { caps: Promise.resolve(caps) });
    const events: string[] = [];
    let opened: () => void = () => {};
    const isOpening = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const watched: ModelRuntime = {
      ...runtime,
      createSession(model, options) {
        events.push("opening");
        opened();
        return runtime.createSession(model, options);
      },
    };
    // An image that is read only when the network is being opened: whoever waits for it first waits for ever.
    const { open } = caps;
    caps.open = async (path) => {
      if (path.endsWith(".nii.gz") || path.endsWith(".pt")) await isOpening;
      return open(path);
    };
    const images = await collect(explainCohort(planned, { runtime: watched }));
    expect(images).toHaveLength(3);
    expect(events).toEqual(["opening"]);
  });

  it("reports an image that cannot be read under its own name, though the network was opened for it", async () => {
    const caps = await toyCaps([{}, {}, {}]);
    const planned = await toyPlan({ onError: "skip" }, { caps: Promise.resolve(caps) });
    const { open } = caps;
    const failures: string[] = [];
    caps.open = async (path) => {
      if (path.includes("sub-02")) throw new VoxplainError("io-failure", "the disk is broken");
      return open(path);
    };
    const onFailure = ({ session }: { readonly session: { readonly name: string } }) =>
      failures.push(session.name);
    const images = await collect(explainCohort(planned, { runtime, onFailure }));
    expect(images.map(({ session }) => session.name)).toEqual(["sub-01 ses-M00", "sub-03 ses-M00"]);
    expect(failures).toEqual(["sub-02 ses-M00"]);
  });

  it("explains the class that the network predicts of each image, where that is asked for", async () => {
    const bias = (logitOf(1) + logitOf(2)) / 2;
    const images = await collect(
      explainCohort(await toyPlan({ target: "predicted" }, { bias }), { runtime }),
    );
    for (const { target, prediction, map } of images) {
      expect(target).toBe(prediction.predictedClass);
      expect([...map.data]).toEqual(target === 1 ? [...weights] : Array(32).fill(0));
    }
    expect(new Set(images.map(({ target }) => target)).size).toBe(2);
  });

  it("keeps the images that are classified correctly, or the others; predictions of all are given", async () => {
    const bias = (logitOf(1) + logitOf(2)) / 2;
    const kept = async (keepTrue: boolean) => {
      const images = await collect(explainCohort(await toyPlan({ keepTrue }, { bias }), { runtime }));
      return images.map(({ isKept, prediction, trueLabel }) => [
        isKept,
        prediction.predictedClass === trueLabel,
      ]);
    };
    for (const [isKept, isRight] of await kept(true)) expect(isKept).toBe(isRight);
    for (const [isKept, isRight] of await kept(false)) expect(isKept).toBe(!isRight);
  });

  it("ends with the error of an image that cannot be read, after those before it; or goes on without it", async () => {
    const caps = await toyCaps([{}, {}, {}]);
    /** Its image is damaged after the plan was made. */
    const damagedLater = async (request: Request) => {
      await caps.write(niftiPath(1), intact);
      const job = await toyPlan(request, { caps: Promise.resolve(caps) });
      await caps.write(niftiPath(1), intact.subarray(0, 50));
      return job;
    };
    const intact = await readFile(caps, niftiPath(1));
    const names: string[] = [];
    const stopping = async () => {
      const job = await damagedLater({});
      for await (const { session } of explainCohort(job, { runtime })) names.push(session.name);
    };
    await expect(stopping()).rejects.toThrow(/sub-01 ses-M00/);
    expect(names).toEqual(["sub-02 ses-M00"]);
    const failed: string[] = [];
    const job = await damagedLater({ onError: "skip" });
    const onFailure = ({ session }: { readonly session: { readonly name: string } }) =>
      void failed.push(session.name);
    const images = await collect(explainCohort(job, { runtime, onFailure }));
    expect(images.map(({ session }) => session.name)).toEqual(["sub-02 ses-M00", "sub-03 ses-M00"]);
    expect(failed).toEqual(["sub-01 ses-M00"]);
  });

  it("counts passes within an image, up to what was expected", async () => {
    const seen: Progress[] = [];
    const job = await toyPlan({
      method: "occlusion",
      options: { window: "2", stride: "2", unit: "voxels", chunk_size: "1" },
    });
    // 2 × 2 × 1 windows, and the image as it is.
    expect(job.tasks[0]).toMatchObject({ passes: { least: 5, most: 5 }, partCount: 1 });
    await collect(explainCohort(job, { runtime, progress: (one) => seen.push(one) }));
    expect(seen.filter(({ index }) => index === 0).length).toBeGreaterThan(2);
    const passes = seen.map((one) => one.passes);
    expect(passes).toEqual(passes.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ passes: 15, expected: 15, index: 3, count: 3 });
  });

  it.each([
    ["a network of one layer", {}],
    ["a method of several passes", { method: "smoothgrad", options: { samples: "4" } }],
  ])("expects the passes of all checks before the first begins: %s", async (_, request) => {
    const seen: Progress[] = [];
    const job = await toyPlan({ ...request, target: 1, checks: { names: ["all"] } });
    await collect(explainCohort(job, { runtime, progress: (one) => seen.push(one) }));
    const { least, most } = job.tasks[0]?.passes ?? { least: 0, most: 0 };
    expect(seen.at(-1)?.passes).toBe(3 * most);
    expect(least).toBe(most);
    expect(new Set(seen.map(({ expected }) => expected))).toEqual(new Set([3 * most]));
  });

  it.each(["cascading-randomization", "deletion-insertion", "infidelity", "max-sensitivity"])(
    "ends within a pass of the check %s when its signal is aborted",
    async (name) => {
      const controller = new AbortController();
      const job = await toyPlan({ target: 1, checks: { names: [name], chunkSize: 1 } });
      let passes = 0;
      const progress = ({ passes: done }: Progress) => {
        passes = done;
        if (done === 2) controller.abort(new Error("enough"));
      };
      const all = collect(explainCohort(job, { runtime, signal: controller.signal, progress }));
      await expect(all).rejects.toThrow("enough");
      expect(passes).toBeLessThanOrEqual(3);
    },
  );

  it("ends within a pass when its signal is aborted, with the reason, and closes the network", async () => {
    const controller = new AbortController();
    const job = await toyPlan({
      method: "occlusion",
      options: { window: "1", stride: "1", unit: "voxels", chunk_size: "1" },
    });
    let passes = 0;
    const progress = ({ passes: done }: Progress) => {
      passes = done;
      if (done === 3) controller.abort(new Error("enough"));
    };
    const all = collect(explainCohort(job, { runtime, signal: controller.signal, progress }));
    await expect(all).rejects.toThrow("enough");
    expect(passes).toBeLessThanOrEqual(4);
  });

  it("keeps a network open between calls in a slot, and closes it when that is released", async () => {
    const job = await toyPlan();
    const slot = networkSlot(runtime);
    await collect(explainCohort(job, { runtime: slot }));
    const { model } = await slot.open({
      model: job.model,
      choice: { fold: 0, selection: "best_balanced_accuracy" },
      inputDims: [1, ...shape],
      part: 0,
    });
    await collect(predictCohort(job, { runtime: slot }));
    const again = await slot.open({
      model: job.model,
      choice: { fold: 0, selection: "best_balanced_accuracy" },
      inputDims: [1, ...shape],
      part: 0,
    });
    expect(again.model).toBe(model);
    expect(slot.used).toHaveLength(1);
    await slot.release();
  });
});

describe("predictCohort", () => {
  it("says of each image what explainCohort says, without a map", async () => {
    const job = await toyPlan();
    const predicted = await collect(predictCohort(job, { runtime }));
    const explained = await collect(explainCohort(job, { runtime }));
    expect(predicted.map(({ prediction }) => prediction)).toEqual(
      explained.map(({ prediction }) => prediction),
    );
    for (const image of predicted) expect(image).not.toHaveProperty("map");
  });
});

describe("groupMaps", () => {
  it("averages the maps and the images in 256 greys, on their grid", async () => {
    const job = await toyPlan({ result: "mean" });
    const group = groupMaps(job);
    for await (const image of explainCohort(job, { runtime })) group.add(image);
    const { count, affine: found, ofInputs, recomposed } = group.mean();
    expect([count, found, recomposed]).toEqual([3, affine, undefined]);
    expect([...(ofInputs?.map.data ?? [])]).toEqual([...weights]);
    const greys = [1, 2, 3].map((participant) =>
      valuesOf(participant).map((value) => Math.round(255 * value)),
    );
    const means = valuesOf(1).map((_, k) => greys.reduce((sum, one) => sum + (one[k] ?? 0), 0) / (3 * 255));
    for (const [k, value] of means.entries()) expect(ofInputs?.anatomy?.[k]).toBeCloseTo(value, 6);
  });

  it("refuses an image at another position, by 0.01 mm at a corner voxel", async () => {
    const moved = (by: number): typeof affine => [[2, 0, 0, -84 + by], affine[1], affine[2], affine[3]];
    const caps = (by: number) => toyCaps([{}, { affine: moved(by) }, {}]);
    const average = async (by: number) => {
      const job = await toyPlan({}, { caps: caps(by) });
      const group = groupMaps(job);
      for await (const image of explainCohort(job, { runtime })) group.add(image);
      return group.count;
    };
    expect(await average(0.005)).toBe(3);
    await expect(average(0.02)).rejects.toThrow(/another position.*a mean map needs images on one grid/);
  });
});
