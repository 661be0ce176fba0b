import { type Affine, isVoxplainError, memoryFiles, VoxplainError } from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import {
  chooseRows,
  explainCohort,
  openCohort,
  openImages,
  openModel,
  plan,
  type Request,
  type RowsQuery,
} from "@voxplain/study";
import { encodeNiftiGz } from "@voxplain/writers";
import { describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { shape, type ToyMaps, type ToyModel, toyMaps, toyModel, valuesOf } from "./toy-study.ts";

const ras = affineOf([1, 0, 0], [0, 1, 0], [0, 0, 1]);

function affineOf(...[x, y, z]: readonly (readonly [number, number, number])[]): Affine {
  const row = (axis: number) => [x?.[axis] ?? 0, y?.[axis] ?? 0, z?.[axis] ?? 0, -3] as const;
  return [row(0), row(1), row(2), [0, 0, 0, 1]];
}

interface Image {
  readonly affine?: Affine;
  readonly shape?: readonly number[];
}

interface Files {
  readonly table: string;
  readonly images?: Readonly<
    Record<string, { readonly affine?: Affine; readonly shape?: readonly number[] }>
  >;
}

/** A table with its images: `a.nii.gz` and `b.nii.gz` are good. */
async function filesOf({ table, images = {} }: Files) {
  const files = memoryFiles(undefined, "data");
  await files.write("table.tsv", new TextEncoder().encode(table));
  const all: Readonly<Record<string, Image>> = { a: {}, b: {}, ...images };
  for (const [k, [name, image]] of Object.entries(all).entries()) {
    const own = (image.shape ?? shape) as readonly [number, number, number];
    const data = own === shape ? valuesOf(k + 1) : new Float32Array(own[0] * own[1] * own[2]);
    await files.write(
      `${name}.nii.gz`,
      await encodeNiftiGz({ data, shape: own, affine: image.affine ?? ras }, gzipInPool),
    );
  }
  return files;
}

async function planOf(
  files: Files,
  request: Request = { target: 1 },
  { query, ...toy }: ToyModel & { readonly query?: RowsQuery } = {},
) {
  const model = await openModel(await toyModel(toy));
  const source = await filesOf(files);
  const list = await openImages({ source, below: "table.tsv" }, { model });
  const { diagnoses } = query === undefined ? { diagnoses: undefined } : chooseRows(list, model, query);
  return plan(model, await openCohort({ list, diagnoses }), request);
}

async function problemsOf(work: Promise<unknown>): Promise<readonly string[]> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!isVoxplainError(error)) throw error ?? new Error("nothing was refused");
  return (error.problems ?? [error]).map(({ message }) => message);
}

const two = "participant_id\tsession_id\timage\nsub-1\tses-1\ta.nii.gz\nsub-2\tses-1\tb.nii.gz\n";
const one = (name: string) => `participant_id\timage\nsub-1\t${name}.nii.gz\n`;
const runs = "make such images with clinica run t1-linear BIDS CAPS, and give those that it writes";

describe("images that a table names", () => {
  it("are explained in the order of the table, with all its columns", async () => {
    const table = "participant_id\tage\timage\nsub-2\t70\tb.nii.gz\nsub-1\t71\ta.nii.gz\n";
    const planned = await planOf({ table });
    expect(planned.tasks[0]?.columns).toEqual(["participant_id", "age", "image"]);
    const seen: string[] = [];
    for await (const { session } of explainCohort(planned, { runtime: directRuntime() })) {
      seen.push(`${session.name}: ${session.row.age}`);
    }
    expect(seen).toEqual(["sub-2: 70", "sub-1: 71"]);
  });

  it.each([
    ["another size", { shape: [4, 5, 2] }, "4×5×2 voxels of 1 mm, axes RAS"],
    [
      "voxels of another size",
      { affine: affineOf([2, 0, 0], [0, 2, 0], [0, 0, 2]) },
      "4×4×2 voxels of 2 mm, axes RAS",
    ],
    [
      "axes in another order",
      { affine: affineOf([0, 1, 0], [1, 0, 0], [0, 0, 1]) },
      "4×4×2 voxels of 1 mm, axes ARS",
    ],
    [
      "an axis the other way round",
      { affine: affineOf([-1, 0, 0], [0, 1, 0], [0, 0, 1]) },
      "4×4×2 voxels of 1 mm, axes LAS",
    ],
  ] as const)("are refused with %s than those of the training", async (_, image, found) => {
    const refused = await problemsOf(planOf({ table: one("other"), images: { other: image } }));
    expect(refused).toEqual([
      "sub-1: data/other.nii.gz: the image is on another grid than those of the training: expected 4×4×2 voxels of 1 mm, " +
        `axes RAS, found ${found}; ${runs}`,
    ]);
  });

  it("may have the voxel size that all have in common where a MAPS states another shape than its pipeline makes", async () => {
    const model = await openModel(await toyMaps());
    const coarse = { affine: affineOf([4, 0, 0], [0, 4, 0], [0, 0, 4]) };
    const planFor = async (images: NonNullable<Files["images"]>) => {
      const source = await filesOf({ table: two, images });
      const list = await openImages({ source, below: "table.tsv" }, { model });
      return plan(model, await openCohort({ list }), { target: 1 });
    };
    const { tasks } = await planFor({ a: coarse, b: coarse });
    expect(tasks[0]?.images).toHaveLength(2);
    expect(tasks[0]?.warnings).toEqual([
      "the images have voxels of 4 mm, and t1-linear makes voxels of 1 mm: make sure that those of the training had that size " +
        "too, which the model does not say",
    ]);
    await expect(planFor({ b: coarse })).rejects.toThrow(
      "sub-2 ses-1: data/b.nii.gz: the image is on another grid than those of the training: expected 4×4×2 voxels of 1 mm",
    );
  });

  it("are not compared with the grid of a network that is refused", async () => {
    const model = await openModel(await toyMaps({ settings: { network_task: "reconstruction" } }));
    const source = await filesOf({ table: one("other"), images: { other: { shape: [4, 5, 2] } } });
    const list = await openImages({ source, below: "table.tsv" }, { model });
    const refused = await problemsOf(plan(model, await openCohort({ list }), {}));
    expect(refused).toEqual([expect.stringContaining("trained for reconstruction")]);
  });

  it("have labels of another column than those of the training, which the sentence about unknown ones does not name", async () => {
    const model = await openModel(await toyModel());
    const table = "participant_id\tdiagnosis\tsex\timage\nsub-1\tAD\tF\ta.nii.gz\n";
    const list = await openImages(
      { source: await filesOf({ table }), below: "table.tsv" },
      { model, label: "sex" },
    );
    const refused = await problemsOf(plan(model, await openCohort({ list }), { result: "predictions" }));
    expect(refused).toEqual([
      "the label of 1 session has no class (those that have: CN, sMCI, AD, pMCI, MCI, BV): sub-1 (F)",
    ]);
  });

  it("are refused where their names say that they are of another kind, such as a PET for a network of T1w images", async () => {
    const refused = await problemsOf(
      planOf({ table: one("sub-1_trc-18FFDG_pet"), images: { "sub-1_trc-18FFDG_pet": {} } }),
    );
    expect(refused).toEqual([
      "sub-1: data/sub-1_trc-18FFDG_pet.nii.gz: by its name, the image is of another kind than those of the training: " +
        "expected images of t1-linear, found pet; make such images with clinica run t1-linear BIDS CAPS; if only the name is " +
        "wrong, rename the file",
    ]);
    const { tasks } = await planOf({ table: one("sub-1_T1w"), images: { "sub-1_T1w": {} } });
    expect(tasks[0]?.images).toHaveLength(1);
  });

  it("are refused where they have as many patches as those of the training, on a grid that its pipeline does not make", async () => {
    const maps = await toyMaps({
      settings: { num_networks: 2 },
      preprocessing: { mode: "patch", patch_size: 100, stride_size: 100 },
      dims: [1, 100, 100, 100],
    });
    const model = await openModel(maps);
    const source = await filesOf({ table: one("other"), images: { other: { shape: [100, 200, 100] } } });
    const list = await openImages({ source, below: "table.tsv" }, { model });
    const cohort = await openCohort({ list, diagnoses: undefined });
    expect(await problemsOf(plan(model, cohort, { target: 1, voting: "uniform" }))).toEqual([
      expect.stringMatching(
        /^sub-1: data\/other\.nii\.gz: the image is on another grid .*expected 169×208×179 voxels.*found 100×200×100/,
      ),
    ]);
  });

  it("of unknown position are compared by their shape alone", async () => {
    const identity = affineOf([1, 0, 0], [0, 1, 0], [0, 0, 1]).map((row) => [
      ...row.slice(0, 3),
      row[3] === 1 ? 1 : 0,
    ]);
    const { tasks } = await planOf({
      table: one("other"),
      images: { other: { affine: identity as unknown as Affine } },
    });
    expect(tasks[0]?.images).toHaveLength(1);
  });

  it("are refused all at once: what is wrong with the table, with single files, and with grids", async () => {
    const table = `${two}sub-1\tses-1\tb.nii.gz\nsub-3\tses-1\tnone.nii.gz\nsub-4\tses-1\tother.nii.gz\nsub-5\tses-1\tother.nii.gz\n`;
    const refused = await problemsOf(planOf({ table, images: { other: { shape: [4, 5, 2] } } }));
    expect(refused).toEqual([
      expect.stringMatching(/several images of one session.*sub-1 ses-1/),
      expect.stringMatching(/^sub-3 ses-1: data\/none\.nii\.gz: there is no such file/),
      expect.stringMatching(
        /^2 of 5 sessions: the image is on another grid.*\n {2}sub-4 ses-1: data\/other.*4×5×2.*\n {2}sub-5 ses-1: /,
      ),
    ]);
  });

  it("that cannot be used are left out where that is asked for, but a table with two images of a session is refused", async () => {
    const table = `${two}sub-3\tses-1\tnone.nii.gz\nsub-4\tses-1\tother.nii.gz\n`;
    const images = { other: { shape: [4, 5, 2] } };
    const { tasks } = await planOf({ table, images }, { target: 1, onError: "skip" });
    expect(tasks[0]?.images.map(({ session }) => session.participantId)).toEqual(["sub-1", "sub-2"]);
    expect(tasks[0]?.missing.map(({ session }) => session.participantId)).toEqual(["sub-3", "sub-4"]);
    const twice = `${table}sub-1\tses-1\tb.nii.gz\n`;
    const refused = await problemsOf(planOf({ table: twice, images }, { target: 1, onError: "skip" }));
    expect(refused).toEqual([expect.stringMatching(/several images of one session/)]);
  });
});

describe("images of a MAPS with size reduction", () => {
  const reduced: ToyMaps = {
    settings: { size_reduction: true, size_reduction_factor: 5 },
    dims: [1, 32, 40, 32],
  };
  const planned = async (size: readonly number[]) => {
    const model = await openModel(await toyMaps(reduced));
    const table = "participant_id\timage\nsub-1\tscan.nii.gz\n";
    const source = await filesOf({ table, images: { scan: { shape: size } } });
    const list = await openImages({ source, below: "table.tsv" }, { model });
    return plan(model, await openCohort({ list }), { target: 1 });
  };

  it("are those of the pipeline", async () => {
    expect((await planned([169, 208, 179])).tasks[0]?.grids[0]?.shape).toEqual([32, 40, 32]);
  });

  it("are refused where they are larger, though as many voxels are left of them: with both grids", async () => {
    expect(await problemsOf(planned([193, 229, 193]))).toEqual([
      "sub-1: data/scan.nii.gz: the image is on another grid than those of the training: " +
        `expected 169×208×179 voxels of 1 mm, axes RAS, found 193×229×193 voxels of 1 mm, axes RAS; ${runs}`,
    ]);
  });
});

describe("the rows of a table", () => {
  const labelled =
    "participant_id\tdiagnosis\timage\nsub-1\tAD\ta.nii.gz\nsub-2\tCN\tb.nii.gz\nsub-3\tn/a\ta.nii.gz\n";
  const chosen = async (table: string, query: RowsQuery) => {
    const model = await openModel(await toyModel());
    const list = await openImages({ source: await filesOf({ table }), below: "table.tsv" }, { model });
    return chooseRows(list, model, query);
  };

  it("are those of AD for a model of diagnoses where nothing is said, with a note", async () => {
    const { diagnoses, target, notes } = await chosen(labelled, {});
    expect([diagnoses, target]).toEqual([["AD"], { label: "AD" }]);
    expect(notes).toEqual([expect.stringContaining("the images with the diagnosis AD are explained")]);
  });

  it("are all where a target is given, and those of the diagnoses where these are", async () => {
    expect(await chosen(labelled, { target: 0 })).toEqual({ diagnoses: undefined, target: 0, notes: [] });
    expect(await chosen(labelled, { diagnoses: ["CN"] })).toEqual({
      diagnoses: ["CN"],
      target: { label: "CN" },
      notes: [],
    });
    expect((await chosen(labelled, { predicts: true })).diagnoses).toBeUndefined();
  });

  it("need a target where nothing says the classes of the images: the classes are listed", async () => {
    const [message] = await problemsOf(chosen(two, {}));
    expect(message).toMatch(
      /the class to explain is not given: expected one of CN \(class 0\).*AD \(class 1\).*--target_node 1/,
    );
    expect(await problemsOf(chosen(two, { diagnoses: ["AD"] }))).toEqual([
      expect.stringMatching(
        /no column "diagnosis".*found participant_id, session_id, image; name the column.*--label/,
      ),
    ]);
  });

  it("are chosen by the column diagnosis where the labels of the model are in another one", async () => {
    const table = "participant_id\tdiagnosis\tsex\timage\nsub-1\tAD\tF\ta.nii.gz\nsub-2\tCN\tM\tb.nii.gz\n";
    const labels = {
      column: "sex",
      nodes: new Map([
        ["F", 0],
        ["M", 1],
      ]),
    };
    const model = { ...(await openModel(await toyModel())), labels, classes: ["F", "M"] };
    const list = await openImages({ source: await filesOf({ table }), below: "table.tsv" }, { model });
    const rows = chooseRows(list, model, { diagnoses: ["CN"], target: 1 });
    const { tasks } = await plan(model, await openCohort({ list, ...rows }), { target: 1 });
    expect([...(tasks[0]?.trueLabels ?? [])].map(([{ name }, node]) => [name, node])).toEqual([["sub-2", 1]]);
  });

  it("are chosen without a second error where the table with their labels could not be read", async () => {
    const model = await openModel(await toyModel());
    const list = await openImages({ source: await filesOf({ table: two }), below: "table.tsv" }, { model });
    const unread = new VoxplainError("not-found", "it is not fetched", { file: "participants.tsv" });
    const without = { ...list, problems: [unread], labelsOfProblems: "unknown" } as const;
    for (const query of [{}, { diagnoses: ["AD"] }]) {
      const rows = chooseRows(without, model, query);
      const planned = plan(model, await openCohort({ list: without, ...rows }), { target: 1 });
      expect(await problemsOf(planned)).toEqual(["participants.tsv: it is not fetched"]);
    }
  });

  it("of a diagnosis that only sessions with a problem have are not said to be missing", async () => {
    const model = await openModel(await toyModel());
    const list = await openImages(
      { source: await filesOf({ table: labelled }), below: "table.tsv" },
      { model },
    );
    const several = new VoxplainError("mismatch", "several images match", { session: "sub-9" });
    const unsure = { ...list, problems: [several], labelsOfProblems: ["MCI"] };
    const problemsFor = async (diagnoses: readonly string[]) =>
      problemsOf(plan(model, await openCohort({ list: unsure, diagnoses }), { target: 1 }));
    expect(await problemsFor(["MCI"])).toEqual(["sub-9: several images match"]);
    expect(await problemsFor(["BV"])).toEqual([
      "sub-9: several images match",
      expect.stringContaining("no session has the label BV"),
    ]);
  });

  it("without a label are left out and counted where diagnoses are chosen", async () => {
    const { tasks } = await planOf(
      { table: labelled },
      { target: 1 },
      { query: { diagnoses: ["AD", "CN"], target: 1 } },
    );
    expect(tasks[0]?.images.map(({ session }) => session.participantId)).toEqual(["sub-1", "sub-2"]);
    expect(tasks[0]?.warnings).toContainEqual("1 of 3 sessions have no label: they are left out");
    expect([...(tasks[0]?.trueLabels.values() ?? [])]).toEqual([1, 0]);
  });

  it("of a diagnosis that no row has are named, with the existing ones", async () => {
    const refused = await problemsOf(
      planOf({ table: labelled }, { target: 1 }, { query: { diagnoses: ["MCI"] } }),
    );
    expect(refused).toContainEqual("no session has the label MCI: found AD, CN");
  });

  it("of a diagnosis that neither a row has nor the model knows are named as such", async () => {
    const refused = await problemsOf(planOf({ table: labelled }, {}, { query: { diagnoses: ["XX"] } }));
    expect(refused).toEqual(["no session has the label XX: found AD, CN"]);
  });

  it("are chosen by labels in the case of the table", async () => {
    const table = "participant_id\tdiagnosis\timage\nsub-1\tad\ta.nii.gz\n";
    const refused = await problemsOf(planOf({ table }, {}, { query: {} }));
    expect(refused).toEqual(["no session has the label AD: found ad; labels are compared with their case"]);
  });

  it("of a table that cannot be joined are not asked for a class: what is wrong with the table is said", async () => {
    const model = await openModel(await toyModel());
    const files = memoryFiles(undefined, "bids");
    const write = (path: string, text: string) => files.write(path, new TextEncoder().encode(text));
    await write("dataset_description.json", "{}");
    await write("participants.tsv", "participant_id\tdiagnosis\nsub-01\tAD\nsub-01\tCN\n");
    await write("sub-01/anat/sub-01_T1w.nii.gz", "image");
    const list = await openImages(files, { model });
    expect(list.problems.map(({ problem }) => problem)).toEqual(["it has several rows of one participant"]);
    expect(chooseRows(list, model, {}).target).toBeUndefined();
  });

  it("of participants that are named otherwise in the tables of a dataset have no label, and the sentence says why", async () => {
    const model = await openModel(await toyModel());
    const files = memoryFiles(undefined, "bids");
    const write = (path: string, text: string) => files.write(path, new TextEncoder().encode(text));
    await write("dataset_description.json", "{}");
    await write("participants.tsv", "participant_id\tdiagnosis\n1\tAD\n");
    await write("sub-01/anat/sub-01_T1w.nii.gz", "image");
    const list = await openImages(files, { model });
    const { diagnoses } = chooseRows(list, model, {});
    const { problems = [] } = await (await openCohort({ list, diagnoses })).list(undefined);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^no session has the label AD: found no labels; .*sub-1 in line 2, whose folder is sub-01/,
      ),
    ]);
  });
});
