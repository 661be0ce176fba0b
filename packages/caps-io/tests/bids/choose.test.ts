import { readBidsFolder } from "@voxplain/caps-io";
import type { CapsImages } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { chosen, dataset, filtered, problems } from "./dataset.ts";

const t1Linear = { images: { preprocessing: "t1-linear" } } as const;
const own = "space-MNI152NLin2009cSym_desc-Crop_res-1x1x1";

/** T1w images of participants, with these words between participant and suffix. */
const t1w = (...names: readonly string[]) =>
  names.map((name) => `${name.slice(0, 6)}/anat/${name}_T1w.nii.gz`);

describe("without a filter", () => {
  it("the images have the suffix of the model's pipeline", async () => {
    const source = dataset([
      "sub-01/anat/sub-01_T1w.nii.gz",
      "sub-01/anat/sub-01_T1w.json",
      "sub-01/anat/sub-01_desc-brain_mask.nii.gz",
      "sub-01/anat/sub-01_label-GM_probseg.nii.gz",
      "sub-01/func/sub-01_task-rest_bold.nii.gz",
      "sub-01/pet/sub-01_pet.nii.gz",
    ]);
    expect(chosen(await readBidsFolder(source, t1Linear))).toEqual({
      "sub-01": "sub-01/anat/sub-01_T1w.nii.gz",
    });
  });

  it.each<[string, CapsImages, string]>([
    ["flair-linear", { preprocessing: "flair-linear", generation: "1.x" }, "FLAIR"],
    ["pet-linear", { preprocessing: "pet-linear", generation: "1.x", tracer: "18FFDG" }, "trc-18FFDG_pet"],
    ["pet-linear of any tracer", { preprocessing: "pet-linear", generation: "1.x" }, "trc-18FFDG_pet"],
    ["dwi-dti", { preprocessing: "dwi-dti", generation: "1.x", dtiMeasure: "FA" }, "space-MNI152Lin_FA"],
    ["t1-volume", { preprocessing: "t1-volume" }, "label-GM_probseg"],
    [
      "custom images",
      { preprocessing: "custom", generation: "1.x", customSuffix: "_desc-mine_T2w.nii.gz" },
      "desc-mine_T2w",
    ],
  ])("the suffix is that of %s", async (_, images, name) => {
    const others = ["T1w", "desc-brain_mask"].map((other) => `sub-01/x/sub-01_${other}.nii.gz`);
    const source = dataset([`sub-01/x/sub-01_${name}.nii.gz`, ...others]);
    const list = await readBidsFolder(source, { images });
    expect(Object.values(chosen(list))).toEqual([`sub-01/x/sub-01_${name}.nii.gz`]);
  });

  it("one of several PET images is that of the model's tracer and reference region", async () => {
    const names = ["18FFDG", "18FAV45"].flatMap((tracer) =>
      ["pons2", "cerebellumPons2"].map(
        (region) =>
          `sub-01/pet/sub-01_trc-${tracer}_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_suvr-${region}_pet.nii.gz`,
      ),
    );
    const images = {
      ...({ preprocessing: "pet-linear", generation: "1.x" } as const),
      ...{ tracer: "18FAV45", suvrReferenceRegion: "pons2" },
    };
    expect(Object.values(chosen(await readBidsFolder(dataset(names), { images })))).toEqual([names[2]]);
  });

  it("one of several is that of the pipeline's own space, desc and res", async () => {
    const source = dataset(
      t1w(
        "sub-01_desc-preproc",
        `sub-01_${own}`,
        "sub-01_space-MNI152NLin2009cSym_res-1x1x1",
        `sub-02_${own}`,
      ),
    );
    const list = await readBidsFolder(source, t1Linear);
    expect(Object.values(chosen(list))).toEqual(t1w(`sub-01_${own}`, `sub-02_${own}`));
    expect(list.problems).toEqual([]);
  });

  it("the only one is taken, whatever its entities are: its grid decides", async () => {
    const list = await readBidsFolder(dataset(t1w("sub-01_space-Ixi549Space")), t1Linear);
    expect(Object.values(chosen(list))).toEqual(t1w("sub-01_space-Ixi549Space"));
  });

  it("the only one is refused where another session shows that it is not the pipeline's", async () => {
    const source = dataset(t1w(`sub-01_${own}`, "sub-01_space-Ixi549Space", "sub-02_space-Ixi549Space"));
    const list = await readBidsFolder(source, t1Linear);
    expect(problems(list)).toEqual([
      "sub-02: the only image of it is not named as those of the other sessions: " +
        "expected space=MNI152NLin2009cSym desc=Crop res=1x1x1, found sub-02/anat/sub-02_space-Ixi549Space_T1w.nii.gz; " +
        "leave such sessions out by the entities of the others, such as space=MNI152NLin2009cSym desc=Crop res=1x1x1 (--bids_filter)",
    ]);
  });

  it("several are refused with their files, how they differ and what to type", async () => {
    const source = dataset(
      ["sub-01_space-Ixi549Space", "sub-01_space-MNI", "sub-01_space-MNI_desc-brain"].flatMap((name) =>
        t1w(name),
      ),
    );
    expect(problems(await readBidsFolder(source, t1Linear))).toEqual([
      "sub-01: several images match; they differ in space, desc: expected one image of each session, " +
        "found sub-01_space-Ixi549Space_T1w.nii.gz (space=Ixi549Space), " +
        "sub-01_space-MNI_T1w.nii.gz (space=MNI desc=), " +
        "sub-01_space-MNI_desc-brain_T1w.nii.gz (space=MNI desc=brain); " +
        "choose one of them by its entities, such as space=Ixi549Space (--bids_filter)",
    ]);
  });

  it("sessions with several have labels, which no other session may have", async () => {
    const images = t1w("sub-01_run-1", "sub-01_run-2", "sub-02");
    const tables = { "participants.tsv": "participant_id\tdiagnosis\nsub-01\tAD\nsub-02\tCN\n" };
    const list = await readBidsFolder(dataset(images, tables), t1Linear);
    expect(list.images.map(({ session }) => session.diagnosis)).toEqual(["CN"]);
    expect(list.labelsOfProblems).toEqual(["AD"]);
  });

  it("and without a pipeline, images of several suffixes are refused", async () => {
    const source = dataset(["sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_T2w.nii.gz"]);
    expect(problems(await readBidsFolder(source, {}))[0]).toContain("they differ in suffix");
    expect(chosen(await readBidsFolder(dataset(t1w("sub-01")), {}))).toEqual({ "sub-01": t1w("sub-01")[0] });
  });
});

describe("with a filter", () => {
  const derivative = dataset(t1w("sub-01_desc-preproc", `sub-01_${own}`));

  it("that leaves several, the pipeline's is not guessed, but named", async () => {
    const list = await readBidsFolder(derivative, { ...t1Linear, filters: ["suffix=T1w"] });
    expect(list.images).toEqual([]);
    expect(problems(list)[0]).toMatch(/such as space=MNI152NLin2009cSym \(--bids_filter\)$/);
  });

  it("of participants or sessions alone, the pipeline still chooses the file", async () => {
    const list = await readBidsFolder(derivative, { ...t1Linear, filters: ["sub=01"] });
    expect(Object.values(chosen(list))).toEqual(t1w(`sub-01_${own}`));
  });

  it("without a suffix, images of the pipeline's suffix come before masks of the same entities", async () => {
    const source = dataset([...t1w("sub-01_desc-brain"), "sub-01/anat/sub-01_desc-brain_mask.nii.gz"]);
    const list = await readBidsFolder(source, { ...t1Linear, filters: ["desc=brain"] });
    expect(Object.values(chosen(list))).toEqual(t1w("sub-01_desc-brain"));
  });

  it("another suffix than the pipeline's can be chosen", async () => {
    const source = dataset([...t1w("sub-01"), "sub-01/pet/sub-01_pet.nii.gz"]);
    const list = await readBidsFolder(source, { ...t1Linear, filters: ["datatype=pet"] });
    expect(Object.values(chosen(list))).toEqual(["sub-01/pet/sub-01_pet.nii.gz"]);
  });

  it("fMRIPrep's images are chosen by space, res and desc", async () => {
    const source = dataset([
      ...t1w("sub-01_desc-preproc", "sub-01_space-MNI152NLin2009cAsym_res-2_desc-preproc"),
      "sub-01/anat/sub-01_space-MNI152NLin2009cAsym_res-2_desc-brain_mask.nii.gz",
      "sub-01/func/sub-01_task-rest_space-MNI152NLin2009cAsym_res-2_desc-preproc_bold.nii.gz",
    ]);
    const list = await readBidsFolder(source, {
      ...t1Linear,
      filters: ["space=MNI152NLin2009cAsym", "res=2", "desc=preproc"],
    });
    expect(Object.values(chosen(list))).toEqual(t1w("sub-01_space-MNI152NLin2009cAsym_res-2_desc-preproc"));
  });
});

describe("an ambiguity", () => {
  it("is reported once for all sessions that differ in the same entities", async () => {
    const numbers = Array.from({ length: 12 }, (_, k) => `sub-${String(k + 1).padStart(2, "0")}`);
    const source = dataset([
      ...numbers.flatMap((id) => t1w(`${id}_run-1`, `${id}_run-2`)),
      ...t1w("sub-13", "sub-14_echo-1", "sub-14_echo-2"),
    ]);
    const list = await filtered(source, "suffix=T1w");
    expect(Object.keys(chosen(list))).toEqual(["sub-13"]);
    expect(problems(list)).toEqual([
      "several images match in each of 12 sessions (sub-01, sub-02, sub-03, sub-04, sub-05, sub-06, sub-07, sub-08, sub-09, sub-10 and 2 more); " +
        "they differ in run: expected one image of each session, " +
        "found in the first sub-01_run-1_T1w.nii.gz (run=1), sub-01_run-2_T1w.nii.gz (run=2); " +
        "choose one of them by its entities, such as run=1 (--bids_filter)",
      "sub-14: several images match; they differ in echo: expected one image of each session, " +
        "found sub-14_echo-1_T1w.nii.gz (echo=1), sub-14_echo-2_T1w.nii.gz (echo=2); " +
        "choose one of them by its entities, such as echo=1 (--bids_filter)",
    ]);
  });

  it("is a .nii beside a .nii.gz, too", async () => {
    const source = dataset(["sub-01/anat/sub-01_T1w.nii", "sub-01/anat/sub-01_T1w.nii.gz"]);
    expect(problems(await readBidsFolder(source, t1Linear))[0]).toContain("they differ in extension");
    expect(Object.values(chosen(await filtered(source, "extension=nii.gz")))).toEqual([
      "sub-01/anat/sub-01_T1w.nii.gz",
    ]);
  });

  it("without an entity that differs can be removed, or left out by .bidsignore", async () => {
    const names = ["sub-01_T1w.nii.gz", "sub-01_copy_T1w.nii.gz"].map((name) => `sub-01/anat/${name}`);
    const [problem] = problems(await readBidsFolder(dataset(names), t1Linear));
    expect(problem).toContain("no entity distinguishes them");
    expect(problem).toContain(".bidsignore");
    const source = dataset(names, { ".bidsignore": "*_copy_*\n" });
    expect(Object.values(chosen(await readBidsFolder(source, t1Linear)))).toEqual([
      "sub-01/anat/sub-01_T1w.nii.gz",
    ]);
  });
});

it("images of sessions that differ otherwise are counted in a note", async () => {
  const { notes } = await filtered(dataset(t1w("sub-01_acq-a", "sub-02_acq-a", "sub-03")), "suffix=T1w");
  expect(notes).toEqual(["the images of the sessions differ in acq: a (2), no acq (1)"]);
});
