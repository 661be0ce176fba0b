import { parsePreprocessing, readMask, type Template } from "@voxplain/caps-io";
import {
  type Affine,
  elementCount,
  encodeNpy,
  memoryFiles,
  tensor,
  type VoxplainError,
} from "@voxplain/core";
import { encodeModel, type GraphBuilder, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { explainCohort, openCohort, openModel, plan, type Request, type RunOptions } from "@voxplain/study";
import { encodeNifti } from "@voxplain/writers";
import { beforeEach, describe, expect, it } from "vitest";

const runtime = nodeRuntime({ executionProvider: "cpu" });
let files: ReturnType<typeof memoryFiles>;
beforeEach(() => {
  files = memoryFiles();
});
const at = (below: string) => ({ source: files, below });

type Build = (graph: GraphBuilder, image: string) => string;

/** @param dims - Without the batch. */
async function writeModel(
  dims: readonly (number | string)[],
  build: Build,
  metadata: Readonly<Record<string, string>> = {},
) {
  const graph = graphBuilder("toy");
  const output = build(graph, graph.input("image", "float32", ["n", ...dims]));
  graph.output(graph.add("Identity", [output], {}, { outputs: ["logits"] }), "float32", undefined);
  const { proto } = await encodeModel({ ...modelOf(graph.build()), metadata });
  await files.write("net.onnx", proto);
}

/** Logits [sum of x, −sum of x]: the class is the sign of the sum, and the gradient 1 or −1 everywhere. */
const sign: Build = (graph, image) => {
  const sum = graph.add("ReduceSum", [graph.add("Flatten", [image]), graph.int64([1])], { keepdims: 1 });
  return graph.add("Concat", [sum, graph.add("Neg", [sum])], { axis: 1 });
};

/** Two classes at every position: x² and −x. */
const dense: Build = (graph, image) =>
  graph.add("Conv", [
    graph.add("Concat", [graph.add("Mul", [image, image]), image], { axis: 1 }),
    graph.initializer("w", tensor("float32", [2, 2, 1, 1, 1], Float32Array.of(1, 0, 0, -1))),
  ]);

async function writeArray(name: string, dims: readonly number[], value: (k: number) => number) {
  const data = Float32Array.from({ length: elementCount(dims) }, (_, k) => value(k));
  await files.write(name, encodeNpy(tensor("float32", dims, data)));
  return data;
}

async function writeVolume(name: string, shape: readonly [number, number, number], affine: Affine) {
  const data = Float32Array.from({ length: elementCount(shape) }, (_, k) => k);
  await files.write(name, encodeNifti({ data, shape, affine }));
}

const grid = (spacing: number): Affine => [
  [spacing, 0, 0, -9],
  [0, spacing, 0, -8],
  [0, 0, spacing, -7],
  [0, 0, 0, 1],
];

async function planOf(images: readonly string[], request: Request = {}, ...steps: string[]) {
  const preprocessing = steps.length === 0 ? undefined : parsePreprocessing(steps);
  const model = await openModel(at("net.onnx"), { preprocessing });
  const cohort = await openCohort({ images: images.map(at) });
  return plan(model, cohort, { ...request, openFile: at });
}

async function explained(planned: Awaited<ReturnType<typeof planOf>>, options: Partial<RunOptions> = {}) {
  const found = [];
  for await (const image of explainCohort(planned, { runtime, ...options })) {
    found.push({ ...image, map: image.map });
  }
  return found;
}

describe("loose images and an ONNX file", () => {
  it("are explained in their order, each by the class that the network predicts for it", async () => {
    await writeModel([1, 2, 2, 2], sign);
    await writeArray("a.npy", [2, 2, 2], () => -1);
    await writeArray("b.npy", [1, 1, 1, 2, 2, 2], () => 1);
    const images = await explained(await planOf(["b.npy", "a.npy"], {}, "none"));
    expect(
      images.map(({ session, target, map, affine }) => [session.name, target, map.data[0], affine]),
    ).toEqual([
      ["b.npy", 0, 1, undefined],
      ["a.npy", 1, -1, undefined],
    ]);
    expect(images[1]?.prediction).toMatchObject({ predictedClass: 1, logits: [-8, 8] });
    expect(images[1]?.map.dims).toEqual([1, 2, 2, 2]);
  });

  it("may be explained by one class for all, or by one value of the output", async () => {
    await writeModel([1, 2, 2, 2], sign);
    await writeArray("a.npy", [2, 2, 2], () => -1);
    const [first] = await explained(await planOf(["a.npy"], { target: 0 }, "none"));
    expect([first?.target, first?.map.data[0]]).toEqual([0, 1]);
    const [value] = await explained(await planOf(["a.npy"], { target: { index: [1] } }, "none"));
    expect(value?.map.data[0]).toBe(-1);
    await expect(planOf(["a.npy"], { target: 2 })).rejects.toThrow("target class 2 does not exist");
    await expect(planOf(["a.npy"], { target: { index: [0, 1] } })).rejects.toThrow(
      "one for each axis after the batch, found 2",
    );
  });

  it("are refused where a label stands for a class that the network does not have", async () => {
    await writeModel([1, 2, 2, 2], sign);
    await writeArray("a.npy", [2, 2, 2], () => -1);
    const nodes = new Map(Object.entries({ CN: 0, AD: 2, MCI: 3 }));
    const model = await openModel(at("net.onnx"), { labels: { column: "diagnosis", nodes } });
    const cohort = await openCohort({ images: [at("a.npy")] });
    await expect(plan(model, cohort, { result: "predictions" })).rejects.toThrow(
      "net.onnx: the network has no class for the diagnosis AD (2), MCI (3): expected a class from 0 to 1",
    );
  });

  it("of several sizes open a network for each, and windows in mm for each voxel size", async () => {
    await writeModel([1, "x", "y", "z"], sign);
    await writeVolume("fine.nii", [4, 4, 4], grid(1));
    await writeVolume("coarse.nii", [2, 2, 2], grid(2));
    const order = ["fine.nii", "coarse.nii", "fine.nii"];
    const planned = await planOf(
      order,
      { method: "occlusion", options: { unit: "mm", window: "2", stride: "2" } },
      "none",
    );
    expect(planned.tasks[0]?.groups.map(({ inputDims }) => inputDims)).toEqual([
      [1, 4, 4, 4],
      [1, 2, 2, 2],
      [1, 4, 4, 4],
    ]);
    // 8 windows of 2 mm in either image, and a pass without any.
    expect(planned.tasks[0]?.passes).toEqual({ least: 9, most: 9 });
    let progress = { passes: 0, expected: 0 as number | undefined };
    const images = await explained(planned, { progress: (now) => (progress = now) });
    expect(images.map(({ session }) => session.name)).toEqual(order);
    expect(images.map(({ map }) => map.dims)).toEqual([
      [1, 4, 4, 4],
      [1, 2, 2, 2],
      [1, 4, 4, 4],
    ]);
    for (const { map } of images) expect(new Set(map.data).size).toBe(8);
    expect(progress).toMatchObject({ passes: 3 * 9, expected: 3 * 9, index: 3, count: 3 });
  });

  it("end with an abort, after the image that was given last", async () => {
    await writeModel([1, 2, 2, 2], sign);
    for (const name of ["a.npy", "b.npy", "c.npy"]) await writeArray(name, [2, 2, 2], (k) => k);
    const ending = new AbortController();
    const seen: string[] = [];
    const planned = await planOf(["a.npy", "b.npy", "c.npy"]);
    await expect(async () => {
      for await (const { session } of explainCohort(planned, { runtime, signal: ending.signal })) {
        seen.push(session.name);
        ending.abort(new Error("enough"));
      }
    }).rejects.toThrow("enough");
    expect(seen).toEqual(["a.npy"]);
  });

  it("are refused all at once, before any is decoded", async () => {
    await writeModel([1, 2, 2, 2], sign);
    await writeArray("good.npy", [2, 2, 2], (k) => k);
    await writeArray("large.npy", [3, 2, 2], (k) => k);
    await writeArray("flat.npy", [4], (k) => k);
    const error: VoxplainError = await planOf(["good.npy", "large.npy", "flat.npy", "absent.npy"], {
      method: "nothing",
    }).catch((caught) => caught);
    expect(error.message).toContain("memory/large.npy: ");
    expect(error.message).toContain("expected [1, 2, 2, 2], found [1, 3, 2, 2]");
    expect(error.message).toContain("memory/flat.npy: ");
    expect(error.message).toContain("memory/absent.npy");
    expect(error.message).toContain('there is no method "nothing"');
    expect(error.message).not.toContain("good.npy");
    expect(error.problems?.length).toBe(3);
  });

  it("get the template's affine, with a warning where they have another", async () => {
    await writeModel([1, 2, 2, 2], sign);
    await writeVolume("a.nii", [2, 2, 2], grid(2));
    await writeArray("b.npy", [2, 2, 2], (k) => k);
    const template: Template = { name: "t.nii", affine: grid(3), shape: [2, 2, 2], warnings: [] };
    const planned = await planOf(["a.nii", "b.npy"], { template }, "none");
    expect(planned.tasks[0]?.warnings).toEqual([
      expect.stringMatching(
        /the image of a\.nii has another affine \(RAS, \[2 .*\) than the template t\.nii \(RAS, \[3 /,
      ),
    ]);
    expect((await explained(planned)).map(({ affine }) => affine)).toEqual([grid(3), grid(3)]);
    const own = await explained(await planOf(["a.nii", "b.npy"]));
    expect(own.map(({ affine }) => affine)).toEqual([grid(2), undefined]);
    await expect(planOf(["a.nii"], { template: { ...template, shape: [2, 2, 3] } })).rejects.toThrow(
      "a.nii has 2×2×2 voxels, but the template t.nii has 2×2×3",
    );
  });
});

describe("the preprocessing of an ONNX network", () => {
  const valuesWith = async (metadata: Readonly<Record<string, string>>, ...steps: string[]) => {
    await writeModel([1, 2, 2], sign, metadata);
    await writeArray("a.npy", [2, 2], (k) => 2 * k);
    const planned = await planOf(["a.npy"], {}, ...steps);
    const [image] = await explained(planned);
    return { values: [...(image?.parts[0]?.part.input.data ?? [])], warnings: planned.tasks[0]?.warnings };
  };
  const stated = { "voxplain.preprocess": "scale=0.5" };

  it("is what the user asks for, with a note where it replaces the model's", async () => {
    expect(await valuesWith({}, "min-max")).toEqual({
      values: [0, 2 / 6, 4 / 6, 1].map(Math.fround),
      warnings: [],
    });
    expect(await valuesWith(stated, "none")).toEqual({
      values: [0, 2, 4, 6],
      warnings: [
        'the preprocessing "none" replaces "scale=0.5", which the metadata of memory/net.onnx states',
      ],
    });
  });

  it("is else what the model states", async () => {
    expect(await valuesWith(stated)).toEqual({
      values: [0, 1, 2, 3],
      warnings: ["images are preprocessed as the metadata of memory/net.onnx states: scale=0.5"],
    });
  });

  it("is else none, and a sentence says so: nothing is normalized unasked", async () => {
    expect(await valuesWith({})).toEqual({
      values: [0, 2, 4, 6],
      warnings: [expect.stringContaining("the network gets the values as they are stored")],
    });
  });
});

describe("a network with a class for every voxel", () => {
  /** The logits of class 0 are x²: their mean over a region has the gradient 2x / voxels inside, 0 outside. */
  const gradientIn = async (region: Request["region"]) => {
    const data = await writeArray("a.npy", [2, 2, 3], (k) => k + 1);
    const planned = await planOf(["a.npy"], { target: 0, region }, "none");
    const [image] = await explained(planned);
    return { data, map: [...(image?.map.data ?? [])], warnings: planned.tasks[0]?.warnings };
  };
  beforeEach(() => writeModel([1, 2, 2, 3], dense));

  it("is explained by the mean over its grid, which a warning says", async () => {
    const { data, map, warnings } = await gradientIn(undefined);
    for (const [k, value] of data.entries()) expect(map[k]).toBeCloseTo((2 * value) / 12, 6);
    expect(warnings).toEqual([
      "memory/net.onnx gives a grid of [2, 2, 3] for each class: what is explained is the mean over its positions",
    ]);
  });

  it("is explained over a mask", async () => {
    await writeArray("mask.npy", [2, 2, 3], (k) => (k % 5 === 0 ? 1 : 0));
    const mask = await readMask(files, "mask.npy", 3);
    const { data, map, warnings } = await gradientIn({ mask });
    for (const [k, value] of data.entries()) expect(map[k]).toBeCloseTo(k % 5 === 0 ? (2 * value) / 3 : 0, 6);
    expect(warnings).toContainEqual(expect.stringMatching(/the mean over memory\/mask\.npy$/));
  });

  it("is explained at one voxel", async () => {
    const { map } = await gradientIn({ voxel: [1, 0, 2] });
    expect(map).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0]);
    await expect(gradientIn({ voxel: [2, 0, 0] })).rejects.toThrow("the target voxel is outside the image");
  });

  it("opens another network for another region of the same image", async () => {
    const gradients = [];
    for (const voxel of [
      [0, 0, 0],
      [0, 0, 1],
    ]) {
      gradients.push((await gradientIn({ voxel })).map.slice(0, 2));
    }
    expect(gradients).toEqual([
      [2, 0],
      [0, 4],
    ]);
  });

  it("is refused with a mask at another position than the image", async () => {
    await writeVolume("a.nii", [2, 2, 3], grid(2));
    const inside = { data: new Float32Array(12).fill(1), shape: [2, 2, 3] as const };
    await files.write("mask.nii", encodeNifti({ ...inside, affine: grid(2.5) }));
    const mask = await readMask(files, "mask.nii", 3);
    await expect(planOf(["a.nii"], { region: { mask } })).rejects.toThrow(
      /memory\/mask\.nii is at another position \(.*\) than a\.nii \(/,
    );
    // A template says where the image is.
    const at = (affine: Affine): Template => ({
      name: "template.nii",
      shape: [2, 2, 3],
      affine,
      warnings: [],
    });
    const placed = await planOf(["a.nii"], { region: { mask }, template: at(grid(2.5)) });
    expect(placed.tasks[0]?.warnings).toContainEqual(expect.stringContaining("than the template"));
    await expect(planOf(["a.nii"], { region: { mask }, template: at(grid(3)) })).rejects.toThrow(
      "at another position",
    );
  });
});

it("a model folder takes neither a preprocessing nor an output, which it states itself", async () => {
  await expect(openModel(files, { preprocessing: [] })).rejects.toThrow("states its preprocessing");
});
