import type { Tensor } from "@voxplain/core";
import type { Network } from "@voxplain/onnx-graph";
import {
  type AttributionMethod,
  type DifferentiableModel,
  deletionAndInsertion,
  differentiableModel,
  explain,
  gradients,
  infidelity,
  kernelShap,
  type MethodEntry,
  type MethodOptionValue,
  maxSensitivity,
  methods,
  occlusion,
  parameterRandomization,
  smoothGrad,
  type WatchOptions,
  watchedModel,
} from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { countingRuntime } from "./counting-runtime.ts";
import { inputsOf, networkOf, readMethodFixtures, referencesOf } from "./method-fixtures.ts";
import { linearModel, someInputs } from "./toy-models.ts";

const { target, suites } = readMethodFixtures();
const [suite] = suites;
if (suite === undefined) throw new RangeError("there is no network among the fixtures");
const input = inputsOf(suite);
const cohort = referencesOf(suite);
const cpu = directRuntime();

/** Something that sends inputs through a network. */
interface Computation {
  readonly name: string;
  compute(
    network: Network,
    runtime: ReturnType<typeof countingRuntime>,
    watch: WatchOptions,
  ): Promise<unknown>;
}

const ofMethod = (name: string, method: AttributionMethod): Computation =>
  onModel(name, (model, watch) => method(watchedModel(model, watch), input, target));

function onModel(
  name: string,
  compute: (model: DifferentiableModel, watch: WatchOptions) => Promise<unknown>,
): Computation {
  return {
    name,
    async compute(network, runtime, watch) {
      const model = differentiableModel(network, runtime);
      try {
        return await compute(model, watch);
      } finally {
        await model.release();
      }
    },
  };
}

/** One input at a time, and few of them. */
function smallMethod(entry: MethodEntry): AttributionMethod {
  const small: Readonly<Record<string, MethodOptionValue>> = {
    ...{ chunkSize: 1, samples: 40, steps: 5, window: [4], cell: [4] },
    references: { length: cohort.length, read: async (index: number) => cohort[index] as Tensor<"float32"> },
  };
  const given = Object.entries(small).filter(([name]) => name in entry.options);
  return entry.create(Object.fromEntries(given)).compute;
}

const map = inputsOf(suite);
const computations: readonly Computation[] = [
  ...Object.entries<MethodEntry>(methods).map(([name, entry]) => ofMethod(name, smallMethod(entry))),
  ofMethod(
    "smoothgrad of occlusion",
    smoothGrad(occlusion({ window: 4, chunkSize: 1 }), { samples: 3, chunkSize: 1 }),
  ),
  onModel("explain", async (model, watch) => {
    const size = input.data.length / 2;
    const items = [0, 1].map((n) => ({
      name: `image ${n}`,
      input: { ...input, dims: suite.dims, data: input.data.subarray(n * size, (n + 1) * size) },
    }));
    const method = smoothGrad(gradients, { samples: 4, chunkSize: 1 });
    let explained = 0;
    for await (const _ of explain(model, items, { method, target, batchSize: 1, ...watch })) explained++;
    expect(explained).toBe(2);
  }),
  onModel("deletion and insertion", (model, watch) =>
    deletionAndInsertion(model, map, input, target, { steps: 3, chunkSize: 1, ...watch }),
  ),
  onModel("infidelity", (model, watch) =>
    infidelity(model, map, input, target, { samples: 3, chunkSize: 1, ...watch }),
  ),
  onModel("max-sensitivity", (model, watch) =>
    maxSensitivity(model, gradients, input, target, { samples: 3, chunkSize: 1, ...watch }),
  ),
  ...(["cascading", "independent"] as const).map(
    (order): Computation => ({
      name: `${order} parameter randomization`,
      compute: (network, runtime, watch) =>
        parameterRandomization(network, runtime, gradients, input, target, { order, ...watch }),
    }),
  ),
];

describe("a computation that is watched", () => {
  it.each(computations)("$name: reports as many passes as are computed", async ({ compute }) => {
    const runtime = countingRuntime(cpu);
    let passes = 0;
    await compute(networkOf(suite), runtime, { onPass: (inputs) => (passes += inputs) });
    expect(passes).toBe(runtime.counts.inputs);
    expect(passes).toBeGreaterThan(0);
  });

  it.each(computations)("$name: ends with the pass in which it is aborted", async ({ compute }) => {
    const whole = countingRuntime(cpu);
    await compute(networkOf(suite), whole, {});
    const last = Math.ceil(whole.counts.runs / 2);
    const reason = new Error("no longer wanted");
    const controller = new AbortController();
    const runtime = countingRuntime(cpu, (run) => run === last && controller.abort(reason));
    const watch = { signal: controller.signal, onPass: (inputs: number) => (passes += inputs) };
    let passes = 0;
    await expect(compute(networkOf(suite), runtime, watch)).rejects.toBe(reason);
    expect(runtime.counts.runs).toBe(last);
    expect(passes).toBeLessThan(whole.counts.inputs);
    expect(runtime.counts.open, "sessions left open").toBe(0);
  });
});

describe("watchedModel", () => {
  const model = linearModel([1, 2, 2], [1, 2, 3, 4]);
  const two = someInputs(2, [1, 2, 2]);

  it("counts the inputs of a batch, one by one where the model computes them so", async () => {
    const passes: number[] = [];
    const onPass = (inputs: number) => passes.push(inputs);
    await watchedModel(model, { onPass }).forward(two);
    await watchedModel({ ...model, oneByOne: true }, { onPass }).gradient(two, 1);
    expect(passes).toEqual([2, 1, 1]);
  });

  it("gives what the model gives", async () => {
    const watched = watchedModel({ ...model, oneByOne: true }, { onPass: () => {} });
    expect(await watched.forward(two)).toEqual(await model.forward(two));
    for (const options of [{}, { layer: "layer" }]) {
      expect(await watched.gradient(two, 1, options)).toEqual(await model.gradient(two, 1, options));
    }
  });

  it("asks nothing of the model when the signal is aborted already", async () => {
    const asked = linearModel([1, 2, 2], [1, 2, 3, 4]);
    const watched = watchedModel(asked, { signal: AbortSignal.abort("enough") });
    await expect(watched.forward(two)).rejects.toBe("enough");
    await expect(watched.gradient(two, 1)).rejects.toBe("enough");
    expect(asked.batchSizes).toEqual([]);
  });

  it("can be watched again: either signal ends it, both count", async () => {
    const [inner, outer] = [new AbortController(), new AbortController()];
    const passes: string[] = [];
    const watched = watchedModel(
      watchedModel(model, { signal: inner.signal, onPass: () => passes.push("inner") }),
      { signal: outer.signal, onPass: () => passes.push("outer") },
    );
    await watched.forward(two);
    expect(passes).toEqual(["inner", "outer"]);
    inner.abort("inner");
    await expect(watched.forward(two)).rejects.toBe("inner");
    outer.abort("outer");
    await expect(watched.forward(two)).rejects.toBe("outer");
  });
});

describe("what is computed between passes", () => {
  /** Resolved at the next event, which long computations have to let in. */
  const soonAborted = () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort("enough"));
    return controller.signal;
  };

  it("lets an abort in while KernelSHAP solves the equations of a thousand regions", async () => {
    const grid = [1, 10, 10, 10];
    const model = linearModel(grid, new Array<number>(1000).fill(1));
    const method = kernelShap({ regions: 1, samples: 2000 });
    const watched = watchedModel(model, { signal: soonAborted() });
    await expect(method(watched, someInputs(1, grid), 1)).rejects.toBe("enough");
  });

  it("lets an abort in while voxels are ordered for deletion", async () => {
    const grid = [1, 1200, 1000];
    const model = linearModel(grid, new Array<number>(1_200_000).fill(1));
    const image = someInputs(1, grid);
    const options = { steps: 1, randomOrders: 50, signal: soonAborted() };
    await expect(deletionAndInsertion(model, image, image, 1, options)).rejects.toBe("enough");
    expect(model.batchSizes).toEqual([]);
  });
});

describe("a network on a runtime", () => {
  it("can be used again after an abort, also one that fell into its opening", async () => {
    const controller = new AbortController();
    const runtime = countingRuntime(cpu);
    const model = differentiableModel(networkOf(suite), runtime);
    const first = model.forward(input, { signal: controller.signal });
    controller.abort("not yet");
    await expect(first).rejects.toBe("not yet");
    expect((await model.forward(input)).dims).toEqual([2, 3]);
    await model.release();
    expect(runtime.counts.open).toBe(0);
  });
});
