import type { FileSource } from "@voxplain/core";
import { isVoxplainError } from "@voxplain/core";
import { describeFolder, openModelFolder, surveyFolder } from "@voxplain/model-loader";
import { listSessions, openCohort, openModel, plan, type Request, unopenedCohort } from "@voxplain/study";
import { describe, expect, it } from "vitest";
import { affine, shape, type ToyImage, type ToyModel, toyCaps, toyLabels, toyModel } from "./toy-study.ts";

interface Toy extends ToyModel {
  readonly images?: readonly (ToyImage | undefined)[];
  readonly lists?: Readonly<Record<string, readonly number[]>>;
  readonly diagnoses?: readonly string[];
}

async function toyPlan(
  request: Request,
  { images = [{}, {}, {}], lists = { AD: [1, 2, 3] }, ...toy }: Toy = {},
) {
  const model = await openModel(await toyModel(toy));
  const caps = await toyCaps(images);
  const cohort = await openCohort({
    caps,
    labels: await toyLabels(lists),
    diagnoses: toy.diagnoses ?? ["AD"],
  });
  return plan(model, cohort, request);
}

async function problemsOf(planned: Promise<unknown>): Promise<readonly string[]> {
  try {
    await planned;
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return (error.problems ?? [error]).map(({ message }) => message);
  }
  return [];
}

describe("a plan", () => {
  it("says what will be done: networks, images, parts, passes", async () => {
    const { tasks } = await toyPlan(
      { method: "integrated-gradients", options: { steps: "4" }, target: 1 },
      { folds: 2 },
    );
    expect(tasks.map(({ network }) => network)).toEqual([
      { fold: 0, foldName: "fold-0", selection: "best_balanced_accuracy" },
      { fold: 1, foldName: "fold-1", selection: "best_balanced_accuracy" },
    ]);
    for (const { images, grids, partCount, passes, method } of tasks) {
      expect(images.map(({ session }) => session.name)).toEqual([
        "sub-01 ses-M00",
        "sub-02 ses-M00",
        "sub-03 ses-M00",
      ]);
      expect(grids[0]).toMatchObject({ shape, affine });
      expect([partCount, method?.name]).toEqual([1, "integrated-gradients"]);
      expect(passes?.most).toBeGreaterThanOrEqual(4);
    }
  });

  it("refuses a layer that a network does not have, with a list of its layers, for a method inside another too", async () => {
    const options = { layer: "convolutions.99" };
    const refused = [
      { method: "grad-cam", options },
      { method: "smoothgrad", options: { ...options, inner_method: "grad-cam" } },
    ];
    for (const request of refused) {
      expect(await problemsOf(toyPlan({ ...request, target: 1 }))).toEqual([
        expect.stringMatching(/model_best\.onnx: the network has no layer "convolutions\.99": found \S+$/),
      ]);
    }
  });

  it("knows the classes of sessions by their lists", async () => {
    const { tasks } = await toyPlan({}, { lists: { AD: [1, 2], CN: [3] }, diagnoses: ["AD", "CN"] });
    expect([...(tasks[0]?.trueLabels.values() ?? [])]).toEqual([1, 1, 0]);
  });

  it("reads no more of an image than its header", async () => {
    const size = 64;
    const large = {
      shape: [size, size, size] as const,
      values: new Float32Array(size ** 3).map((_, k) => Math.sin(k)),
    };
    const caps = await toyCaps([large]);
    let bytes = 0;
    const counted: FileSource = {
      ...caps,
      async open(path) {
        const reader = await caps.open(path);
        return (
          reader && {
            ...reader,
            read(offset, length) {
              bytes += length;
              return reader.read(offset, length);
            },
          }
        );
      },
    };
    const model = await openModel(await toyModel({ dims: [1, size, size, size] }));
    const labels = await toyLabels({ AD: [1] });
    await plan(model, await openCohort({ caps: counted, labels, diagnoses: ["AD"] }), {});
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan((size ** 3 * 4) / 4);
  });

  it("refuses everything that is wrong at once", async () => {
    const problems = await problemsOf(
      toyPlan(
        {
          method: "occlusion",
          options: { windows: "3" },
          checks: { names: ["sanity"] },
          selections: ["best_loss"],
        },
        { images: [{}, undefined, {}] },
      ),
    );
    expect(problems).toEqual([
      expect.stringMatching(/best_loss/),
      expect.stringMatching(/there is no check "sanity"/),
      expect.stringMatching(/sub-02 ses-M00.*t1-linear/),
      expect.stringMatching(/has no option "windows"/),
    ]);
  });

  it("refuses a cohort that could not be opened with the rest", async () => {
    const { caps, labels } = await emptyCohort();
    const table = { source: labels, below: "new.tsv" };
    const error = await openCohort({ caps, labels: table, diagnoses: ["AD"], unlabelled: true }).catch(
      (one: unknown) => one,
    );
    if (!isVoxplainError(error)) throw error;
    const model = await openModel(await toyModel());
    const problems = await problemsOf(plan(model, unopenedCohort(error), { checks: { names: ["sanity"] } }));
    expect(problems).toEqual([expect.stringMatching(/"sanity"/), expect.stringMatching(/new\.tsv/)]);
  });

  it.each([
    ["AD", 1],
    ["CN", 0],
    ["sMCI", 0],
    ["MCI", 1],
  ])("explains the class that a folder of ClinicaDL 0.2 gives to a label: %s is %d", async (label, node) => {
    expect((await toyPlan({ target: { label } })).request.target).toBe(node);
  });

  it.each(["FTD", "constructor"])("refuses a label without a class: %s", async (label) => {
    expect(await problemsOf(toyPlan({ target: { label } }))).toEqual([
      `the diagnosis "${label}" has no class (those that have: CN, sMCI, AD, pMCI, MCI, BV)`,
    ]);
  });

  describe("of sessions whose diagnosis has no class", () => {
    const others = { lists: { FTD: [1, 2], AD: [3] }, diagnoses: ["FTD", "AD"] };

    it("refuses those that are to be judged", async () => {
      for (const request of [{ result: "predictions" }, { keepTrue: true }] as const) {
        expect(await problemsOf(toyPlan(request, others))).toEqual([
          expect.stringMatching(/^the diagnosis "FTD" has no class/),
        ]);
      }
    });

    it("names those that are explained", async () => {
      const { tasks } = await toyPlan({ target: 1 }, others);
      expect(tasks[0]?.warnings).toEqual([
        "the diagnosis of 2 sessions has no class (those that have: CN, sMCI, AD, pMCI, MCI, BV): " +
          "sub-01 ses-M00 (FTD), sub-02 ses-M00 (FTD)",
      ]);
      expect([...(tasks[0]?.trueLabels.values() ?? [])]).toEqual([1]);
    });
  });

  it("refuses a class that the network does not have", async () => {
    expect(await problemsOf(toyPlan({ target: 2 }))).toEqual([
      expect.stringMatching(/^\S+\/fold-0\/\S+: the target class 2 does not exist/),
    ]);
    // Also where there is no method to explain it with.
    expect(await problemsOf(toyPlan({ target: 2, method: "occlusion", options: { window: "0" } }))).toEqual([
      expect.stringMatching(/window must be/),
      expect.stringMatching(/class 2 does not exist/),
    ]);
  });

  it.each<[string, Request]>([
    ["batch size", { batchSize: 0 }],
    ["read ahead", { readAhead: -1 }],
    ["folds", { folds: [] }],
    ["selections", { selections: [] }],
    ["target", { target: { index: [-1] } }],
  ])("refuses a request whose %s means nothing", async (what, request) => {
    expect(await problemsOf(toyPlan(request))).toContainEqual(expect.stringContaining(what));
  });

  it("names each missing fold, beside what is wrong with the others", async () => {
    const settings = { mode: "patch", patch_size: 2, stride_size: 2 };
    const problems = await problemsOf(toyPlan({ folds: [0, 7, 8] }, { settings, dims: [1, 2, 2, 2] }));
    expect(problems).toEqual([
      expect.stringMatching(/there is no fold-7/),
      expect.stringMatching(/there is no fold-8/),
      expect.stringMatching(/validation_patch_level_prediction\.tsv/),
    ]);
  });

  it("refuses options that do not fit the images, before one is decoded", async () => {
    const options = { window: "2,2", unit: "voxels" };
    const problems = await problemsOf(toyPlan({ method: "occlusion", options }));
    expect(problems).toEqual([expect.stringMatching(/window/)]);
  });

  it("refuses a mean of images whose axes point in other directions; maps of each are fine, with a warning", async () => {
    const turned = { affine: [[-2, 0, 0, 84], affine[1], affine[2], affine[3]] } as const;
    const images = [{}, turned, {}];
    expect(await problemsOf(toyPlan({ result: "mean" }, { images }))).toEqual([
      expect.stringMatching(/sub-02 ses-M00/),
    ]);
    const { tasks } = await toyPlan({ result: "maps" }, { images });
    expect(tasks[0]?.warnings).toEqual([
      expect.stringMatching(/axes of the images point in different directions/),
    ]);
  });

  it("leaves out images that cannot be used, where that is asked for, and lists them", async () => {
    const { tasks } = await toyPlan({ onError: "skip" }, { images: [{}, undefined, {}] });
    expect(tasks[0]?.images.map(({ session }) => session.name)).toEqual(["sub-01 ses-M00", "sub-03 ses-M00"]);
    expect(tasks[0]?.missing.map(({ session }) => session.name)).toEqual(["sub-02 ses-M00"]);
  });

  it("refuses an autoencoder, which has no classes", async () => {
    const problems = await problemsOf(toyPlan({}, { settings: { network_type: "autoencoder" } }));
    expect(problems).toEqual([expect.stringMatching(/autoencoder/)]);
  });

  it("stops and asks where the parts of images have no predictions on the validation set to vote with", async () => {
    const settings = { mode: "patch", patch_size: 2, stride_size: 2 };
    const toy = { settings, dims: [1, 2, 2, 2] };
    expect(await problemsOf(toyPlan({}, toy))).toEqual([
      expect.stringMatching(/validation_patch_level_prediction\.tsv.*\(--voting uniform\)/),
    ]);
    const { tasks } = await toyPlan({ voting: "uniform" }, toy);
    expect(tasks[0]).toMatchObject({ partCount: 4, voting: "uniform" });
  });
});

const emptyCohort = async () => ({ caps: await toyCaps([]), labels: await toyLabels({}) });

it("listSessions gives every session that a CAPS has a folder of, whose images can be explained one by one", async () => {
  const caps = await toyCaps([{}, {}]);
  const sessions = await listSessions(caps);
  expect(sessions.map(({ name }) => name)).toEqual(["sub-01 ses-M00", "sub-02 ses-M00"]);
  const [, second] = sessions;
  if (second === undefined) throw new Error("there are two");
  const cohort = await openCohort({ sessions: [second], capsOf: () => caps });
  const { tasks } = await plan(await openModel(await toyModel()), cohort, {});
  expect(tasks[0]?.images.map(({ session }) => session)).toEqual([second]);
  expect(tasks[0]?.trueLabels.size).toBe(0);
});

it("says what is odd about the file of a network", async () => {
  const model = await openModel(await toyModel());
  const caps = await toyCaps([{}]);
  const cohort = await openCohort({ sessions: await listSessions(caps), capsOf: () => caps });
  const note = "model.pth.tar: the checkpoint is of another architecture";
  const load: typeof model.load = async (...asked) => ({ ...(await model.load(...asked)), notes: [note] });
  const { tasks } = await plan({ ...model, load }, cohort, {});
  expect(tasks[0]?.warnings).toContain(note);
});

describe("the facts of a model", () => {
  it("are those of describeFolder; a network that cannot be loaded is a failure, and is not offered", async () => {
    const files = await toyModel({ folds: 2 });
    await files.write(
      "fold-1/models/best_balanced_accuracy/model_best.onnx",
      new TextEncoder().encode("no network"),
    );
    const folder = await openModelFolder(files);
    const described = describeFolder(folder, await surveyFolder(folder));
    const facts = await (await openModel(files)).facts();
    expect(facts.networks).toEqual([{ fold: 0, foldName: "fold-0", selection: "best_balanced_accuracy" }]);
    expect(facts.failures.map(({ code, file }) => ({ code, file }))).toEqual([
      { code: "invalid-file", file: "model/fold-1/models/best_balanced_accuracy/model_best.onnx" },
    ]);
    expect(facts.problems).toEqual(described.problems);
    expect(facts.classCount).toBe(described.classCount);
    expect(facts.rows).toContainEqual({ label: "Architecture", value: described.architecture });
    expect(facts.rows).toContainEqual({ label: "Networks", value: "1 from 1 fold" });
  });
});
