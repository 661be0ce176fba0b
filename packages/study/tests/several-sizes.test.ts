// Images of several sizes in one CAPS: the plan decides for the whole list what the network sees, never the image that is read first.
import { readFileSync } from "node:fs";
import { memoryFiles, tensor, type VoxplainError } from "@voxplain/core";
import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { explainCohort, openCohort, openModel, plan, predictCohort, type Request } from "@voxplain/study";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { affine, type ToyImage, toyCaps, toyLabels, toyMaps, toyModel } from "./toy-study.ts";

const runtime = directRuntime();

/** A network for images of any size: the logit of class 1 is the sum of the squares of the voxels. */
async function anySize(): Promise<Uint8Array> {
  const graph = graphBuilder("any size");
  const x = graph.input("x", "float32", ["batch", 1, "x", "y", "z"]);
  const squares = graph.add("Flatten", [graph.add("Mul", [x, x])]);
  const sum = graph.add("ReduceSum", [squares, graph.int64([1])], { keepdims: 1 });
  const zero = graph.add("Mul", [sum, graph.constant(tensor("float32", [1], Float32Array.of(0)))]);
  graph.output(graph.add("Concat", [zero, sum], { axis: 1 }, { outputs: ["logits"] }), "float32", [
    "batch",
    2,
  ]);
  return (await encodeModel(modelOf(graph.build()))).proto;
}

function imageOf(size: number, mm = 2): ToyImage {
  const values = Float32Array.from({ length: size ** 3 }, (_, k) => 1 + ((k * 7) % 5));
  const scaled: typeof affine = [[mm, 0, 0, 0], [0, mm, 0, 0], [0, 0, mm, 0], affine[3]];
  return { values, shape: [size, size, size], affine: scaled };
}

async function planOf(images: readonly ToyImage[], request: Request = {}, network?: Uint8Array) {
  const folder = await toyModel();
  await folder.write("fold-0/models/best_balanced_accuracy/model_best.onnx", network ?? (await anySize()));
  const labels = await toyLabels({ AD: images.map((_, k) => k + 1) });
  const cohort = await openCohort({ caps: await toyCaps(images), labels, diagnoses: ["AD"] });
  return plan(await openModel(folder), cohort, { target: 1, method: "gradients", ...request });
}

const sizes = [4, 6, 4, 6];
const images = sizes.map((size) => imageOf(size));

describe("images of several sizes in a CAPS", () => {
  it("are each explained at their size, in the order of the list", async () => {
    const planned = await planOf(images);
    expect(planned.tasks[0]?.groups.map(({ inputDims }) => inputDims)).toEqual(
      sizes.map((size) => [1, size, size, size]),
    );
    const maps = [];
    for await (const { map } of explainCohort(planned, { runtime })) maps.push(map);
    expect(maps.map(({ dims }) => dims)).toEqual(sizes.map((size) => [1, size, size, size]));
    // The gradient of a sum of squares is twice the image.
    for (const [k, { data }] of maps.entries()) {
      expect([...data]).toEqual([...(images[k]?.values ?? [])].map((value) => 2 * value));
    }
  });

  it("have the same predictions, whichever is computed first or alone", async () => {
    const planned = await planOf(images, { result: "predictions" });
    const logits = async (only?: string) => {
      const found = [];
      const options =
        only === undefined ? {} : { only: ({ name }: { readonly name: string }) => name === only };
      for await (const { session, prediction } of predictCohort(planned, { runtime, ...options }))
        found.push([session.name, prediction.logits]);
      return found;
    };
    const all = await logits();
    expect(all).toHaveLength(4);
    for (const one of all) expect(await logits(one[0] as string)).toEqual([one]);
  });

  it("of several voxel sizes have windows in millimetres of their own", async () => {
    const options = { unit: "mm", window: "4", stride: "4" };
    const planned = await planOf([imageOf(4, 2), imageOf(4, 4)], { method: "occlusion", options });
    // 2×2×2 windows of two voxels, or 4×4×4 of one, and a pass without any.
    expect(planned.tasks[0]?.groups.map(({ passes }) => passes?.most)).toEqual([9, 65]);
  });

  it("have no mean: those of another size than most are named before any is computed", async () => {
    const error: VoxplainError = await planOf([...images, imageOf(4)], { result: "mean" }).catch(
      (caught) => caught,
    );
    expect(error.message).toMatch(/sub-02 ses-M00 has 6×6×6 voxels, but sub-01 ses-M00 has 4×4×4/);
    expect(error.message).toMatch(/sub-04 ses-M00/);
    const skipping = await planOf([...images, imageOf(4)], { result: "mean", onError: "skip" });
    expect(skipping.tasks[0]?.missing.map(({ session }) => session.name)).toEqual([
      "sub-02 ses-M00",
      "sub-04 ses-M00",
    ]);
  });

  it("that the network does not take are named before any is computed, however many sizes there are", async () => {
    const folder = await toyModel({ dims: [1, 4, 4, 4] });
    const caps = await toyCaps([2, 3, 5, 6, 7, 8, 4, 9].map((size) => imageOf(size)));
    const labels = await toyLabels({ AD: [1, 2, 3, 4, 5, 6, 7, 8] });
    const cohort = await openCohort({ caps, labels, diagnoses: ["AD"] });
    const planned = await plan(await openModel(folder), cohort, { target: 1, onError: "skip" });
    expect(planned.tasks[0]?.images.map(({ session }) => session.name)).toEqual(["sub-07 ses-M00"]);
  });
});

describe("parts of several sizes", () => {
  it("that follow from the size of the image are refused, but those of most images", async () => {
    const preprocessing = { mode: "slice", slice_direction: 0, discarded_slices: 0, slice_mode: "single" };
    const maps = await toyMaps({ preprocessing, dims: [1, 6, 6], settings: { architecture: "Conv5_FC3" } });
    const images = [6, 4, 6].map((size) => ({ ...imageOf(6), shape: [6, size, size] as const }));
    const sized = images.map(({ shape: [x, y, z], ...image }) => ({
      ...{ ...image, shape: [x, y, z] as const },
      values: new Float32Array(x * y * z).fill(1).fill(2, 8),
    }));
    const labels = await toyLabels({ AD: [1, 2, 3] });
    const cohort = await openCohort({ caps: await toyCaps(sized), labels, diagnoses: ["AD"] });
    const request: Request = { result: "predictions", voting: "uniform" };
    await expect(plan(await openModel(maps), cohort, request)).rejects.toThrow(
      "sub-02 ses-M00: its slices have another size than those of most images: expected 6×6 voxels, found 4×4",
    );
  });

  it("that only their files have are refused before any is decoded, whichever is the first", async () => {
    const folder = await toyModel({ settings: { mode: "roi", roi_list: ["one"] }, dims: [1, 3, 3, 3] });
    const caps = memoryFiles(undefined, "caps");
    for (const [k, region] of ["one", "two", "two"].entries()) {
      const participant = `sub-0${k + 1}`;
      const name = `${participant}_ses-M00_T1w_space-MNI152NLin2009cSym_desc-CropRoi_res-1x1x1_roi-one_T1w.pt`;
      const file = new URL(`../../caps-io/tests/fixtures/parts/region-${region}-roi.pt`, import.meta.url);
      await caps.write(
        `subjects/${participant}/ses-M00/deeplearning_prepare_data/roi_based/t1_linear/${name}`,
        new Uint8Array(readFileSync(file)),
      );
    }
    const labels = await toyLabels({ AD: [1, 2, 3] });
    const cohort = await openCohort({ caps, labels, diagnoses: ["AD"] });
    const request: Request = { result: "predictions", voting: "uniform", onError: "skip" };
    const planned = await plan(await openModel(folder), cohort, request);
    expect(planned.tasks[0]?.missing.map(({ error }) => error.message)).toEqual([
      expect.stringMatching(
        /^sub-01 ses-M00: its regions have another size.*expected 3×3×3 voxels, found 3×5×4/,
      ),
    ]);
  });
});
