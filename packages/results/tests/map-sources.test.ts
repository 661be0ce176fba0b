// Sources of maps as they are on disk: finished jobs, tables, groups, positions.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Affine, encodeNpy, identityAffine, tensor } from "@voxplain/core";
import {
  atlasAt,
  type FindingFiles,
  maskAt,
  type OpenMapSetOptions,
  openMapSet,
  writeRegions,
} from "@voxplain/results";
import { encodeNifti } from "@voxplain/writers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sources-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const here: Affine = [
  [2, 0, 0, -4],
  [0, 2, 0, -4],
  [0, 0, 2, -4],
  [0, 0, 0, 1],
];
const shape = [3, 2, 2] as const;
const file = (name: string, content: string | Uint8Array) => {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
};
const nifti = (affine: Affine = here, value = 1) =>
  encodeNifti({ data: new Float32Array(12).fill(value), shape, affine });
/** Both codes are 0: nibabel writes so what has no affine. */
const withoutCodes = () => {
  const bytes = nifti(identityAffine);
  new DataView(bytes.buffer).setInt16(254, 0, true);
  return bytes;
};
const open = (sources: readonly string[], options?: OpenMapSetOptions) =>
  openMapSet(
    sources.map((source) => join(root, source)),
    options,
  );

const people = ["sub-01", "sub-02", "sub-03", "sub-04"];
/** A job with maps of four sessions, of which the first and the second are AD. */
function job(name = "job", predicted = [1, 0, 1, 0], truth = [1, 1, 0, 0]): void {
  const rows = people.map((id, k) => `${id}\tses-M00\t${k < 2 ? "AD" : "CN"}\tsingle\n`);
  file(`${name}/data.tsv`, `participant_id\tsession_id\tdiagnosis\tcohort\n${rows.join("")}`);
  const predictions = people.map((id, k) => `${id}\tses-M00\t${truth[k]}\t${predicted[k]}\t0.5\t0.5\n`);
  file(
    `${name}/predictions.tsv`,
    `participant_id\tsession_id\ttrue_label\tpredicted_label\tproba0\tproba1\n${predictions.join("")}`,
  );
  for (const id of people) file(`${name}/${id}/ses-M00/map.nii.gz`, nifti());
}

const outcomesOf = async (name = "job") => {
  const { sources } = await open([name], { groupBy: "outcome" });
  return sources[0]?.maps.map(({ cells }) => cells.outcome);
};

describe("outcomes of a job", () => {
  it("are those of class 1 where metrics name no positive class", async () => {
    job();
    expect(await outcomesOf()).toEqual(["TP", "FN", "FP", "TN"]);
    const { sources } = await open(["job"], { groupBy: "outcome" });
    expect(sources[0]?.positive).toBe("class 1");
  });

  it("are those of the positive class that metrics.tsv names, whichever node it is: AD is 0 in a MAPS", async () => {
    job("job", [0, 1, 0, 1], [0, 0, 1, 1]);
    file("job/metrics.tsv", "level\tcount\tpositive_label\nimage\t4\tAD\n");
    expect(await outcomesOf()).toEqual(["TP", "FN", "FP", "TN"]);
  });

  it("are those of AD in a job without metrics.tsv, as interpret leaves it, where the column of AD is that of the classes", async () => {
    job("job", [0, 1, 0, 1], [0, 0, 1, 1]);
    expect(await outcomesOf()).toEqual(["TP", "FN", "FP", "TN"]);
    const { sources } = await open(["job"], { groupBy: "outcome" });
    expect(sources[0]?.positive).toBe("AD");
    job("other", [0, 1, 0, 1], [0, 0, 0, 1]);
    expect(await outcomesOf("other")).toEqual(["TN", "FP", "TN", "TP"]);
  });

  it("are known where no session is truly positive", async () => {
    job("job", [0, 1, 0, 1], [1, 1, 1, 1]);
    file("job/metrics.tsv", "level\tcount\tpositive_label\nimage\t4\tFTD\n");
    expect(await outcomesOf()).toEqual(["FP", "TN", "FP", "TN"]);
  });

  it("are refused where nothing says which class the positive one is", async () => {
    job("job", [0, 1, 0, 1], [0, 1, 0, 1]);
    file("job/metrics.tsv", "level\tcount\tpositive_label\nimage\t4\tFTD\n");
    await expect(outcomesOf()).rejects.toThrow(/job: nothing says which class .* the positive label "FTD"/);
  });

  it("are not there for three classes", async () => {
    job();
    file(
      "job/predictions.tsv",
      "participant_id\tsession_id\ttrue_label\tpredicted_label\tproba0\tproba1\tproba2\nsub-01\tses-M00\t1\t1\t0\t1\t0\n",
    );
    await expect(outcomesOf()).rejects.toThrow("its sessions have no outcome");
  });

  it("choose the maps of a source", async () => {
    job();
    const { sources } = await open(["job:FN"], { groupBy: "outcome" });
    expect(sources[0]?.maps.map(({ participant }) => participant)).toEqual(["sub-02"]);
  });
});

describe("the map of a session in a job", () => {
  const placeOf = async () => {
    const { sources } = await open(["job"]);
    return sources[0]?.maps[0]?.place.below;
  };

  it("is the recomposed one, else map.nii.gz, else map.npy", async () => {
    file("job/data.tsv", "participant_id\tsession_id\nsub-01\tses-M00\n");
    file("job/sub-01/ses-M00/map.npy", encodeNpy(tensor("float32", [1, ...shape], new Float32Array(12))));
    expect(await placeOf()).toBe("sub-01/ses-M00/map.npy");
    file("job/sub-01/ses-M00/map.nii.gz", nifti());
    expect(await placeOf()).toBe("sub-01/ses-M00/map.nii.gz");
    file("job/sub-01/ses-M00/recomposed.nii.gz", nifti());
    expect(await placeOf()).toBe("sub-01/ses-M00/recomposed.nii.gz");
  });

  it("is in the folder of its cohort where cohorts share sessions, and its participant another person in each", async () => {
    file("job/data.tsv", "participant_id\tsession_id\tcohort\nsub-01\tses-M00\tA\nsub-01\tses-M00\tB\n");
    for (const cohort of ["A", "B"]) file(`job/${cohort}/sub-01/ses-M00/map.nii.gz`, nifti());
    const { sources } = await open(["job"]);
    expect(sources[0]?.maps.map(({ participant, place }) => [participant, place.below])).toEqual([
      ["A/sub-01", "A/sub-01/ses-M00/map.nii.gz"],
      ["B/sub-01", "B/sub-01/ses-M00/map.nii.gz"],
    ]);
  });

  it("is missed by its session", async () => {
    job();
    rmSync(join(root, "job/sub-03"), { recursive: true });
    await expect(open(["job"])).rejects.toThrow(
      /sub-03 ses-M00: .*there is no map of the session.*--level individual/,
    );
  });

  it("has to be a volume", async () => {
    file("job/data.tsv", "participant_id\tsession_id\nsub-01\tses-M00\n");
    file("job/sub-01/ses-M00/map.npy", encodeNpy(tensor("float32", [1, 3, 2], new Float32Array(6))));
    await expect(open(["job"])).rejects.toThrow(/sub-01 ses-M00: .*only maps of volumes/);
  });
});

function table(
  name: string,
  affines: Readonly<Record<string, Uint8Array>>,
  columns = "group",
  cells = ["A", "A", "B", "B"],
) {
  const rows = Object.keys(affines).map((id, k) => `${id}\t${id}.nii\t${cells[k]}\n`);
  file(name, `participant_id\tmap\t${columns}\n${rows.join("")}`);
  for (const [id, bytes] of Object.entries(affines)) file(`${id}.nii`, bytes);
}

describe("groups", () => {
  const four = () => Object.fromEntries(people.map((id) => [id, nifti()]));
  const namesOf = async (source: string, options?: OpenMapSetOptions) =>
    (await open([source], options)).sources[0]?.maps.map(({ participant }) => participant);

  it("are the column group of a table", async () => {
    table("maps.tsv", four());
    expect(await namesOf("maps.tsv:B")).toEqual(["sub-03", "sub-04"]);
  });

  it("may be any other column, also by the size of a number", async () => {
    table("maps.tsv", four(), "age", ["61", "70", "n/a", "82.5"]);
    expect(await namesOf("maps.tsv:>=70", { groupBy: "age" })).toEqual(["sub-02", "sub-04"]);
    expect(await namesOf("maps.tsv:70", { groupBy: "age" })).toEqual(["sub-02"]);
  });

  it("may come from a table of participants", async () => {
    table("maps.tsv", four());
    const participants = file("participants.tsv", "participant_id\tsex\nsub-04\tF\nsub-01\tF\nsub-02\tM\n");
    expect(await namesOf("maps.tsv:F", { groupBy: "sex", participants })).toEqual(["sub-01", "sub-04"]);
  });

  it("are not read from a path that exists as typed", async () => {
    table("maps.tsv:A", four());
    expect(await namesOf("maps.tsv:A")).toHaveLength(4);
  });

  it("that are empty are refused, with a list of the existing ones", async () => {
    table("maps.tsv", four());
    await expect(namesOf("maps.tsv:MCI")).rejects.toThrow(/no map has MCI in the column group: found A, B/);
  });

  it("need their column", async () => {
    table("maps.tsv", four());
    await expect(namesOf("maps.tsv", { groupBy: "site" })).rejects.toThrow('it has no column "site"');
  });
});

describe("maps at an unknown position", () => {
  it.each([
    ["with the identity", () => nifti(identityAffine)],
    ["without an affine", withoutCodes],
  ])("%s go with an atlas on their own grid, and with no other", async (_, bytes) => {
    table("maps.tsv", { "sub-01": bytes() });
    const set = await open(["maps.tsv"]);
    expect(set.isPlaced).toBe(false);
    const same = file("same.nii", nifti(identityAffine));
    expect((await atlasAt(same, undefined, set)).regions).toHaveLength(1);
    const placed = file("atlas.nii", nifti());
    await expect(atlasAt(placed, undefined, set)).rejects.toThrow(/atlas\.nii: .*\(--nifti_template_path\)/);
    await expect(maskAt(placed, "mask", set)).rejects.toThrow("--nifti_template_path");
  });

  it("get that of a template", async () => {
    table("maps.tsv", { "sub-01": nifti(identityAffine) });
    const set = await open(["maps.tsv"], { template: file("template.nii", nifti()) });
    expect(set).toMatchObject({ isPlaced: true, grid: { shape, affine: here } });
    expect((await atlasAt(file("atlas.nii", nifti()), undefined, set)).regions).toHaveLength(1);
  });

  it("do not go with maps whose position is known", async () => {
    table("maps.tsv", { "sub-01": nifti(), "sub-02": nifti(identityAffine) });
    await expect(open(["maps.tsv"])).rejects.toThrow(/sub-02: .*its position is unknown/);
  });

  it("take no template of another shape", async () => {
    table("maps.tsv", { "sub-01": nifti(identityAffine) });
    const template = file(
      "t.nii",
      encodeNifti({ data: new Float32Array(8), shape: [2, 2, 2], affine: here }),
    );
    await expect(open(["maps.tsv"], { template })).rejects.toThrow(/t\.nii: the template has another shape/);
  });
});

it("an atlas at an unknown position is refused by its name beside maps whose position is known", async () => {
  table("maps.tsv", { "sub-01": nifti() });
  const set = await open(["maps.tsv"]);
  const atlas = file("atlas.nii", nifti(identityAffine));
  await expect(atlasAt(atlas, undefined, set)).rejects.toThrow(/atlas\.nii: its position is unknown/);
});

it("labels that float32 cannot hold are refused", async () => {
  table("maps.tsv", { "sub-01": nifti() });
  const set = await open(["maps.tsv"]);
  const atlas = file("allen.nii", nifti(here, 614_454_277));
  await expect(atlasAt(atlas, undefined, set)).rejects.toThrow(/allen\.nii: .*too large to be read exactly/);
});

it("rows of regions are written while maps are read, and not held", async () => {
  const people = ["sub-01", "sub-02", "sub-03", "sub-04", "sub-05", "sub-06"];
  table("maps.tsv", Object.fromEntries(people.map((id) => [id, nifti()])));
  const set = await open(["maps.tsv"]);
  const atlas = await atlasAt(file("atlas.nii", nifti()), undefined, set);
  let read = 0;
  const readWhenWritten: number[] = [];
  const files: FindingFiles = {
    async table(name, _columns, rows) {
      for await (const _row of rows) if (name === "regions.tsv") readWhenWritten.push(read);
    },
    async image() {},
  };
  const counting: typeof set = { ...set, read: (map) => set.read(map).finally(() => read++) };
  await writeRegions(files, counting, { atlas, warn: () => {} });
  expect(readWhenWritten[0]).toBeLessThan(people.length);
  expect(readWhenWritten.at(-1)).toBe(people.length);
});
