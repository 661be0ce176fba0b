import { isVoxplainError, memoryFiles } from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";
import {
  type CohortSource,
  cohortTables,
  explainCohort,
  metricsOf,
  metricsTable,
  openCohort,
  openModel,
  plan as planOf,
  positiveLabel,
  predictCohort,
  type Request,
  sessionPrediction,
} from "@voxplain/study";
import { describe, expect, it } from "vitest";
import { type ToyMaps, toyCaps, toyMaps, valuesOf, weightsOf } from "./toy-study.ts";

const runtime = nodeRuntime({ executionProvider: "cpu" });
const tsv = (...rows: readonly string[][]) => `${rows.map((row) => row.join("\t")).join("\n")}\n`;

interface Toy extends ToyMaps {
  /** A label list: its rows, the first of which names the columns. */
  readonly list?: readonly string[][];
  readonly diagnoses?: readonly string[];
  /** Default: the list. */
  readonly cohort?: Partial<CohortSource>;
}

const twoPatients = [
  ["participant_id", "session_id", "diagnosis"],
  ["sub-01", "ses-M00", "AD"],
  ["sub-02", "ses-M00", "CN"],
];

async function plan(request: Request, { list = twoPatients, diagnoses, ...toy }: Toy = {}) {
  const maps = await toyMaps({ ...toy, files: { "list.tsv": tsv(...list), ...toy.files } });
  const cohort = await openCohort({
    caps: await toyCaps([{}, {}, {}]),
    labels: { source: maps, below: "list.tsv" },
    diagnoses,
  });
  return planOf(await openModel(maps), cohort, request);
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

async function predictionsOf(planned: ReturnType<typeof plan>) {
  const predictions = [];
  for await (const image of predictCohort(await planned, { runtime }))
    predictions.push(sessionPrediction(image));
  return predictions;
}

describe("before an image is decoded,", () => {
  const list = [...twoPatients, ["sub-03", "ses-M00", "AD"]];
  const planned = async (
    shapes: readonly (readonly [number, number, number])[],
    toy: Toy = {},
    request: Request = {},
  ) => {
    const cohort = await openCohort({
      caps: await toyCaps(shapes.map((shape) => ({ shape, values: new Float32Array(shape[0] * 8) }))),
      diagnoses: undefined,
      labels: {
        source: memoryFiles(new Map([["list.tsv", new TextEncoder().encode(tsv(...list))]]), "labels"),
        below: "list.tsv",
      },
    });
    return planOf(await openModel(await toyMaps(toy)), cohort, request);
  };

  it("images of another shape than the input of the network are refused, each by name", async () => {
    const request = { result: "maps" } as const;
    expect(
      await problemsOf(
        planned(
          [
            [4, 4, 2],
            [5, 4, 2],
            [4, 4, 2],
          ],
          {},
          request,
        ),
      ),
    ).toEqual([
      "sub-02 ses-M00: the network takes inputs of another shape than the image makes: expected 4 × 4 × 2, found 5 × 4 × 2",
    ]);
  });

  it("networks of single parts are refused where one is missing", async () => {
    const toy = {
      settings: { num_networks: 3 },
      preprocessing: { mode: "patch", patch_size: 2, stride_size: 2 },
      dims: [1, 2, 2, 2],
      networks: 2,
    };
    expect(
      (
        await problemsOf(
          planned(
            [
              [4, 4, 2],
              [4, 4, 2],
              [4, 4, 2],
            ],
            toy,
          ),
        )
      ).at(0),
    ).toBe(
      "maps/split-0: networks selected by best_loss are there for 2 of 3 parts, each of which needs its own; voxplain inspect names what is missing",
    );
  });
});

describe("the classes of a MAPS", () => {
  it("are those of its label code, and not those of ClinicaDL 0.2", async () => {
    const model = await openModel(await toyMaps());
    expect(model.classes).toEqual(["AD", "CN"]);
    const { tasks, request } = await plan({ target: { label: "AD" } });
    expect(request.target).toBe(0);
    expect([...(tasks[0]?.trueLabels.values() ?? [])]).toEqual([0, 1]);
  });

  it("may have several values of a label each", async () => {
    const settings = { label_code: { AD: 1, MCI: 1, CN: 0 } };
    expect((await openModel(await toyMaps({ settings }))).classes).toEqual(["CN", "AD/MCI"]);
    expect((await plan({ target: { label: "MCI" } }, { settings })).request.target).toBe(1);
  });

  it("are compared as text, also where they are numbers", async () => {
    const settings = { label: "group", label_code: { "0": 1, "60.0": 0 } };
    const list = [
      ["participant_id", "session_id", "group"],
      ["sub-01", "ses-M00", "0"],
      ["sub-02", "ses-M00", "60.0"],
    ];
    const { tasks } = await plan({ result: "predictions" }, { settings, list });
    expect([...(tasks[0]?.trueLabels.values() ?? [])]).toEqual([1, 0]);
    expect(await problemsOf(plan({ target: { label: "60" } }, { settings, list }))).toEqual([
      'the group "60" has no class (those that have: 0, 60.0)',
    ]);
  });

  it("are listed where a session is of none of them", async () => {
    const list = [...twoPatients, ["sub-03", "ses-M00", "MCI"]];
    expect(await problemsOf(plan({ result: "predictions" }, { list }))).toEqual([
      "the diagnosis of 1 session has no class (those that have: AD, CN): sub-03 ses-M00 (MCI)",
    ]);
  });

  it("are not judged where a session has no label", async () => {
    const list = [...twoPatients, ["sub-03", "ses-M00", "n/a"]];
    const { tasks } = await plan({ result: "predictions" }, { list });
    expect(tasks[0]?.trueLabels.size).toBe(2);
    expect(tasks[0]?.warnings).toContain("1 of 3 sessions have no diagnosis, so they are not judged");
  });

  it.each([[undefined], [{}]])(
    "are numbered by the training list where the label code is %j",
    async (code) => {
      const settings = { label_code: code };
      const data = tsv(
        ["", "participant_id", "session_id", "cohort", "diagnosis"],
        ["0", "sub-09", "ses-M00", "single", "MCI"],
        ["1", "sub-08", "ses-M00", "single", "CN"],
      );
      const files = { "groups/train/split-0/data.tsv": data };
      expect((await openModel(await toyMaps({ settings, files }))).classes).toEqual(["CN", "MCI"]);
    },
  );

  it("have numbers alone where nothing says which is which", async () => {
    const settings = { label_code: {} };
    expect(await problemsOf(plan({ target: { label: "AD" } }, { settings }))).toEqual([
      "maps: nothing says which class is which label; name the class by its number (--target_node)",
    ]);
    expect((await plan({ target: 1 }, { settings })).request.target).toBe(1);
  });
});

describe("the networks of a MAPS", () => {
  it.each(["loss", "best_loss", "best-loss"])("are named by their metric: %s", async (selection) => {
    const model = await openModel(await toyMaps());
    expect(model.choose({ selections: [selection] })).toEqual([
      { fold: 0, foldName: "split-0", selection: "best_loss" },
    ]);
  });

  it("are those of the balanced accuracy, else the only existing ones, else of the loss: each fold its own", async () => {
    const splits = { "split-0": ["BA", "loss"], "split-1": ["accuracy"], "split-10": ["accuracy", "loss"] };
    const model = await openModel(await toyMaps({ splits }));
    expect(model.choose({}).map(({ foldName, selection }) => `${foldName} ${selection}`)).toEqual([
      "split-0 best_BA",
      "split-1 best_accuracy",
      "split-10 best_loss",
    ]);
  });

  it("are asked for once, however they are written", async () => {
    const { tasks } = await plan({ selections: ["loss", "best_loss"], target: 0 });
    expect(tasks).toHaveLength(1);
  });

  it("of a reconstruction are refused", async () => {
    const settings = { network_task: "reconstruction", label_code: null };
    expect(await problemsOf(plan({}, { settings }))).toEqual([
      expect.stringContaining("gives an image back"),
    ]);
  });
});

describe("the parts of a MAPS", () => {
  const settings = { num_networks: 4 };
  const preprocessing = { mode: "patch", patch_size: 2, stride_size: 2 };
  const patches = { settings, preprocessing, dims: [1, 2, 2, 2] };
  const path = "split-0/best-loss/validation/validation_patch_level_prediction.tsv";
  /** Right predictions of so many for each patch. */
  const table = (...parts: readonly (readonly [right: number, all: number])[]) =>
    tsv(
      ["participant_id", "session_id", "patch_id", "true_label", "predicted_label", "proba0", "proba1"],
      ...parts.flatMap(([right, all], id) =>
        Array.from({ length: all }, (_, k) => [
          `sub-1${k}`,
          "ses-M00",
          String(id),
          "1",
          k < right ? "1" : "0",
          "0",
          "1",
        ]),
      ),
    );
  const weightsOfVote = async (selection_threshold: number | null, text: string) => {
    const toy = { ...patches, settings: { ...settings, selection_threshold }, files: { [path]: text } };
    const [voting] = (await plan({ target: 0 }, toy)).tasks.map((task) => task.voting);
    return voting instanceof Map ? [...voting] : voting;
  };

  it("vote by the share of their right predictions", async () => {
    // 1/2, 3/4, 1/4 and 1/2 add up to 2.
    const text = table([1, 2], [3, 4], [1, 4], [2, 4]);
    expect(await weightsOfVote(0, text)).toEqual([
      [0, 0.25],
      [1, 0.375],
      [2, 0.125],
      [3, 0.25],
    ]);
    expect(await weightsOfVote(null, text)).toEqual(await weightsOfVote(0, text));
  });

  it("do not vote below the threshold, which is a share", async () => {
    expect(await weightsOfVote(0.5, table([1, 2], [3, 4], [1, 4], [3, 4]))).toEqual([
      [0, 0.25],
      [1, 0.375],
      [2, 0],
      [3, 0.375],
    ]);
  });

  it.each([
    [
      "none is above the threshold",
      table([1, 2], [3, 4], [1, 4], [1, 2]),
      /no part may vote.*0\.75.*threshold is 0\.9/,
    ],
    [
      "one was not validated",
      table([1, 2], [3, 4], [1, 4]),
      /no predictions of some of the patches: expected 4 patches, found 3/,
    ],
  ])("cannot vote where %s", async (_, text, problem) => {
    const toy = { ...patches, settings: { ...settings, selection_threshold: 0.9 }, files: { [path]: text } };
    expect(await problemsOf(plan({ target: 0 }, toy))).toEqual([expect.stringMatching(problem)]);
  });

  it("of sessions of the training vote by what was predicted of the training", async () => {
    const files = {
      [path]: table([1, 2], [1, 2], [1, 2], [1, 2]),
      [path.replaceAll("validation", "train")]: table([4, 4], [2, 4], [2, 4], [0, 4]),
      "groups/train/split-0/data.tsv": tsv(["", "participant_id", "session_id"], ["0", "sub-01", "ses-M00"]),
    };
    const maps = await toyMaps({ ...patches, files });
    const list = { source: maps, below: "groups/train/split-0/data.tsv" };
    const cohort = await openCohort({
      group: "train",
      lists: [{ fold: 0, list, caps: await toyCaps([{}]) }],
    });
    const { tasks } = await planOf(await openModel(maps), cohort, { target: 0 });
    expect(tasks[0]?.voting).toEqual(
      new Map([
        [0, 0.5],
        [1, 0.25],
        [2, 0.25],
        [3, 0],
      ]),
    );
  });

  it("are as many as in the training, or the image is refused", async () => {
    const toy = { ...patches, settings: { ...settings, num_networks: 5 } };
    const [problem] = await problemsOf(plan({ target: 0, voting: "uniform" }, toy));
    expect(problem).toMatch(/another number of patches than those of the training/);
    expect(problem).toMatch(/expected 5/);
  });

  it("go each through its own network", async () => {
    const planned = await plan({ target: 1, voting: "uniform" }, { ...patches, networks: 4 });
    for await (const { parts } of explainCohort(planned, { runtime })) {
      expect(parts.map(({ map }) => [...map.data])).toEqual([0, 1, 2, 3].map((k) => [...weightsOf(8, k)]));
    }
  });
});

describe("a regression", () => {
  const settings = { network_task: "regression", label: "age", label_code: null };
  const list = [
    ["participant_id", "session_id", "age"],
    ["sub-01", "ses-M00", "5.5"],
    ["sub-02", "ses-M00", "-3"],
  ];
  const age = { settings, list, outputs: 1 };
  const outputOf = (participant: number) =>
    weightsOf(32).reduce((sum, weight, k) => sum + weight * (valuesOf(participant)[k] ?? 0), 0);

  it("predicts the number, without classes", async () => {
    const planned = await plan({ result: "predictions" }, age);
    const predictions = await predictionsOf(Promise.resolve(planned));
    const results = { predictions, failures: [], used: [] };
    const table = cohortTables(planned, { columns: [], sessions: [] }, results)["predictions.tsv"];
    expect(table?.columns).toEqual(["participant_id", "session_id", "true_label", "predicted_label"]);
    expect(table?.rows.map((row) => row.true_label)).toEqual([5.5, -3]);
    expect(table?.rows[0]?.predicted_label).toBeCloseTo(outputOf(1), 4);
  });

  it("is judged by its errors", async () => {
    const planned = await plan({ result: "predictions" }, age);
    const predictions = await predictionsOf(Promise.resolve(planned));
    const metrics = metricsOf(predictions, planned.model);
    expect(metricsTable(metrics, planned.model).columns).toEqual(["level", "count", "mae", "rmse", "r2"]);
    const errors = [outputOf(1) - 5.5, outputOf(2) + 3];
    expect(metrics[0]?.metrics.mae).toBeCloseTo(
      errors.reduce((sum, error) => sum + Math.abs(error), 0) / 2,
      4,
    );
  });

  it("of parts gives their mean", async () => {
    const preprocessing = { mode: "patch", patch_size: 2, stride_size: 2 };
    const toy = { ...age, settings: { ...settings, num_networks: 4 }, preprocessing, dims: [1, 2, 2, 2] };
    const [first] = await predictionsOf(plan({ result: "predictions" }, toy));
    const values = first?.parts.map(({ prediction }) => prediction.logits[0] ?? Number.NaN) ?? [];
    expect(values).toHaveLength(4);
    const mean = values.reduce((sum, value) => sum + value, 0) / 4;
    expect(first?.prediction).toEqual({ logits: [mean], probabilities: [], predictedClass: 0 });
  });

  it("is explained by the gradient of its output", async () => {
    for await (const { map, target } of explainCohort(await plan({}, age), { runtime })) {
      expect([...map.data]).toEqual([...weightsOf(32)]);
      expect(target).toBe(0);
    }
  });

  it.each<[string, Request, string]>([
    ["a diagnosis", { target: { label: "AD" } }, "--target_diagnosis, --target_label"],
    ["another output", { target: 1 }, "--target_node"],
    ["only those that are right", { keepTrue: true }, "--keep_true"],
    ["a probability", { method: "occlusion", options: { score: "probability" } }, "score=probability"],
  ])("refuses %s as the class by the name of the option", async (_, request, option) => {
    expect(await problemsOf(plan(request, age))).toEqual([expect.stringContaining(option)]);
  });

  it("refuses labels that are no numbers", async () => {
    const [header = [], first = []] = list;
    const old = [header, first, ["sub-02", "ses-M00", "old"]];
    expect(await problemsOf(plan({ result: "predictions" }, { ...age, list: old }))).toEqual([
      "the age of 1 session is not a number: sub-02 ses-M00 (old)",
    ]);
  });
});

describe("the metrics of a MAPS", () => {
  it("are those of AD where it is one of two classes, and say so", async () => {
    const planned = await plan({ result: "predictions" });
    const { model } = planned;
    expect(positiveLabel(model)).toBe("AD");
    const metrics = metricsOf(await predictionsOf(Promise.resolve(planned)), model);
    const { columns, rows } = metricsTable(metrics, model);
    expect(columns.at(-1)).toBe("positive_label");
    expect(rows[0]?.positive_label).toBe("AD");
  });

  it("are those of node 1 where AD is no class", async () => {
    const settings = { label: "sex", label_code: { F: 0, M: 1 } };
    expect(positiveLabel(await openModel(await toyMaps({ settings })))).toBe("M");
  });

  it("have columns for each of three classes", async () => {
    const settings = { label_code: { AD: 0, CN: 1, MCI: 2 }, diagnoses: ["AD", "CN", "MCI"] };
    const list = [...twoPatients, ["sub-03", "ses-M00", "MCI"]];
    const planned = await plan({ result: "predictions" }, { settings, list, outputs: 3 });
    const metrics = metricsOf(await predictionsOf(Promise.resolve(planned)), planned.model);
    const { columns } = metricsTable(metrics, planned.model);
    expect(columns).toEqual([
      ...["level", "count", "accuracy", "balanced_accuracy"],
      ...[0, 1, 2].flatMap((k) => [
        `balanced_accuracy-${k}`,
        `sensitivity-${k}`,
        `specificity-${k}`,
        `auc-${k}`,
      ]),
    ]);
  });
});

describe("the data groups of a MAPS", () => {
  const data = tsv(
    ["", "participant_id", "session_id", "cohort", "diagnosis"],
    ["0", "sub-02", "ses-M00", "single", "CN"],
    ["1", "sub-01", "ses-M00", "single", "AD"],
  );
  const files = {
    "groups/train/split-0/data.tsv": data,
    "groups/train+validation.tsv": tsv(
      ["participant_id", "session_id"],
      ["sub-01", "ses-M00"],
      ["sub-07", "ses-M00"],
    ),
  };
  const groupOf = async (diagnoses?: readonly string[], fold = 0) => {
    const maps = await toyMaps({ files });
    const list = { source: maps, below: "groups/train/split-0/data.tsv" };
    const lists = [{ fold, list, caps: await toyCaps([{}, {}]) }];
    const cohort = await openCohort({ group: "train", lists, diagnoses });
    return planOf(await openModel(maps), cohort, { target: 0 });
  };

  it("have their sessions in the order of the list, with its columns", async () => {
    const [task] = (await groupOf()).tasks;
    expect(task?.images.map(({ session }) => session.name)).toEqual(["sub-02 ses-M00", "sub-01 ses-M00"]);
    expect(task?.columns).toEqual(["participant_id", "session_id", "cohort", "diagnosis"]);
    expect([...(task?.trueLabels.values() ?? [])]).toEqual([1, 0]);
  });

  it("are chosen from by diagnosis", async () => {
    const [task] = (await groupOf(["AD"])).tasks;
    expect(task?.images.map(({ session }) => session.name)).toEqual(["sub-01 ses-M00"]);
  });

  it("are missed where a fold has none", async () => {
    expect(await problemsOf(groupOf(undefined, 3))).toEqual([
      "the data group train has no list for the fold 0; give the sessions (--tsv_path)",
    ]);
  });

  it("show which sessions are of participants that the networks saw", async () => {
    const [task] = (await groupOf()).tasks;
    expect(task?.warnings[0]).toMatch(
      /^1 of 2 sessions are of participants that the networks saw in training/,
    );
  });

  it("are all used where they have no diagnoses, if that will do", async () => {
    const path = "groups/mine/data.tsv";
    const text = tsv(["participant_id", "session_id", "cohort"], ["sub-02", "ses-M00", "single"]);
    const maps = await toyMaps({ files: { [path]: text } });
    const lists = [{ list: { source: maps, below: path }, caps: await toyCaps([{}, {}]) }];
    const planned = async (unlabelled: boolean) => {
      const cohort = await openCohort({ group: "mine", lists, diagnoses: ["AD"], unlabelled });
      return planOf(await openModel(maps), cohort, { target: 0 });
    };
    expect((await planned(true)).tasks[0]?.images.map(({ session }) => session.name)).toEqual([
      "sub-02 ses-M00",
    ]);
    expect(await problemsOf(planned(false))).toEqual([
      expect.stringMatching(/data\.tsv: it has no column "diagnosis" by which sessions could be chosen/),
    ]);
  });

  it("may be of several CAPS", async () => {
    const caps = await toyCaps([{}, {}]);
    const maps = await toyMaps({
      files: {
        "groups/test/data.tsv": tsv(
          ["participant_id", "session_id", "cohort"],
          ["sub-01", "ses-M00", "A"],
          ["sub-01", "ses-M00", "B"],
        ),
        "caps.tsv": tsv(["cohort", "path"], ["A", "a"], ["B", "b"]),
      },
    });
    const several = { caps: { source: maps, below: "caps.tsv" }, openCaps: () => caps };
    const list = { source: maps, below: "groups/test/data.tsv" };
    const cohort = await openCohort({ group: "test", lists: [{ list, caps: several }] });
    const { tasks } = await planOf(await openModel(maps), cohort, { target: 0 });
    expect(tasks[0]?.images.map(({ session }) => session.cohort)).toEqual(["A", "B"]);
    expect(tasks[0]?.trueLabels.size).toBe(0);
  });
});

describe("training options of a MAPS", () => {
  const first = async (settings: Readonly<Record<string, unknown>>, toy: ToyMaps = {}) => {
    const planned = await plan({ target: 0 }, { ...toy, settings });
    for await (const { input, parts } of explainCohort(planned, { runtime })) {
      return {
        dims: parts[0]?.part.input.dims,
        values: [...(parts[0]?.part.input.data ?? [])],
        grid: input.grid,
      };
    }
    throw new Error("there are images");
  };

  it("bring intensities to 0 to 1, or do not", async () => {
    const plain = await first({ normalize: false });
    expect(plain.values).toEqual([...valuesOf(1)]);
    const [least, most] = [Math.min(...plain.values), Math.max(...plain.values)];
    const normalized = await first({ normalize: true });
    expect(normalized.values[5]).toBeCloseTo(((plain.values[5] ?? 0) - least) / (most - least), 6);
  });

  it("without an effect on a trained network change nothing", async () => {
    const plain = await first({});
    for (const settings of [
      { data_augmentation: ["Noise"] },
      { sampler: "weighted" },
      { nondeterministic: true },
      { transfer_path: "../other_maps", transfer_selection_metric: "BA" },
      { transfer_path: false },
      { amp: true, compensation: "time", dropout: 0.5 },
    ]) {
      expect(await first(settings)).toEqual(plain);
    }
  });

  it("that make images smaller refuse those that are too small for it", async () => {
    const settings = { size_reduction: true, size_reduction_factor: 2 };
    expect(await problemsOf(plan({ target: 0 }, { settings }))).not.toEqual([]);
  });
});
