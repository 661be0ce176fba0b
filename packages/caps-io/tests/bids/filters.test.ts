import { describe, expect, it } from "vitest";
import { chosen, dataset, errorOf, filtered } from "./dataset.ts";

const source = dataset([
  "sub-01/ses-M00/anat/sub-01_ses-M00_acq-highres_run-01_T1w.nii.gz",
  "sub-01/ses-M00/anat/sub-01_ses-M00_acq-lowres_run-02_T1w.nii.gz",
  "sub-01/ses-M00/anat/sub-01_ses-M00_T2w.nii",
  "sub-01/ses-M00/pet/sub-01_ses-M00_trc-18FFDG_pet.nii.gz",
  "sub-02/ses-M12/anat/sub-02_ses-M12_acq-highres_run-1_T1w.nii.gz",
  "sub-02/ses-M12/anat/sub-02_ses-M12_space-MNI_segm-graymatter_probability.nii.gz",
]);
const highres = {
  "sub-01 ses-M00": "sub-01/ses-M00/anat/sub-01_ses-M00_acq-highres_run-01_T1w.nii.gz",
  "sub-02 ses-M12": "sub-02/ses-M12/anat/sub-02_ses-M12_acq-highres_run-1_T1w.nii.gz",
};

describe("a filter of BIDS files", () => {
  it.each(["acq=highres", "acquisition=highres", "acq=acq-highres"])(
    "has a short or long name: %s",
    async (text) => {
      expect(chosen(await filtered(source, "suffix=T1w", text))).toEqual(highres);
    },
  );

  it.each(["ses=M12", "session=M12", "ses=ses-M12", "session=ses-M12"])(
    "of a session has its prefix or not: %s",
    async (text) => {
      expect(Object.keys(chosen(await filtered(source, "suffix=T1w", text)))).toEqual(["sub-02 ses-M12"]);
    },
  );

  it.each(["sub=02", "subject=sub-02"])("chooses participants: %s", async (text) => {
    expect(Object.keys(chosen(await filtered(source, "suffix=T1w", text)))).toEqual(["sub-02 ses-M12"]);
  });

  it.each(["run=1", "run=01", "run=001"])("of an index is a number: %s", async (text) => {
    expect(chosen(await filtered(source, text))).toEqual(highres);
  });

  it("of another entity is text: M0 is not M00", async () => {
    expect((await errorOf(source, { filters: ["ses=M0"] })).message).toContain("ses: M00, M12");
  });

  it("compares whole values", async () => {
    expect((await errorOf(source, { filters: ["acq=high"] })).code).toBe("not-found");
  });

  it("takes images of any value of a key that is given twice", async () => {
    const list = await filtered(source, "suffix=T2w", "suffix=probability");
    expect(Object.values(chosen(list))).toEqual([
      "sub-01/ses-M00/anat/sub-01_ses-M00_T2w.nii",
      "sub-02/ses-M12/anat/sub-02_ses-M12_space-MNI_segm-graymatter_probability.nii.gz",
    ]);
  });

  it("takes the short and the long name of an entity for one key", async () => {
    const list = await filtered(source, "suffix=T1w", "run=2", "sub=01", "acq=x", "acquisition=lowres");
    expect(Object.values(chosen(list))).toEqual([
      "sub-01/ses-M00/anat/sub-01_ses-M00_acq-lowres_run-02_T1w.nii.gz",
    ]);
  });

  it("with an empty value takes images without the entity", async () => {
    expect(Object.values(chosen(await filtered(source, "acq=", "space=", "trc=")))).toEqual([
      "sub-01/ses-M00/anat/sub-01_ses-M00_T2w.nii",
    ]);
  });

  it.each([
    ["datatype=pet", "sub-01/ses-M00/pet/sub-01_ses-M00_trc-18FFDG_pet.nii.gz"],
    ["extension=.nii", "sub-01/ses-M00/anat/sub-01_ses-M00_T2w.nii"],
    ["extension=nii", "sub-01/ses-M00/anat/sub-01_ses-M00_T2w.nii"],
    ["suffix=pet", "sub-01/ses-M00/pet/sub-01_ses-M00_trc-18FFDG_pet.nii.gz"],
  ])("may be of what is no entity: %s", async (text, path) => {
    expect(Object.values(chosen(await filtered(source, text)))).toEqual([path]);
  });

  it("may be of an entity that only the dataset has", async () => {
    expect(Object.keys(chosen(await filtered(source, "segm=graymatter")))).toEqual(["sub-02 ses-M12"]);
  });

  it("with an unknown key is refused, with a list of the known keys", async () => {
    const error = await errorOf(source, { filters: ["sufix=T1w", "acqu=x"] });
    expect(error.code).toBe("invalid-argument");
    expect(error.message).toBe(
      "unknown key of a filter of BIDS files: sufix, acqu (--bids_filter): expected suffix, extension, datatype, " +
        "sub (subject), ses (session), acq (acquisition), trc (tracer), run, space, segm",
    );
  });

  it.each(["suffix", "=T1w", "", "suffix=", "extension="])(
    "is refused where it is malformed: %j",
    async (text) => {
      expect((await errorOf(source, { filters: [text] })).code).toBe("invalid-argument");
    },
  );

  it("that no image meets gives the values of images that meet the others", async () => {
    const error = await errorOf(source, { filters: ["suffix=T1w", "acq=midres"] });
    expect(error.code).toBe("not-found");
    expect(error.message).toBe(
      "/data/study: there is no image with suffix=T1w acq=midres: found acq: highres, lowres; choose among these values (--bids_filter)",
    );
  });

  it("names the values of each key where every image lacks several", async () => {
    const error = await errorOf(source, { filters: ["suffix=bold", "datatype=func"] });
    expect(error.message).toContain("suffix: T1w, T2w, pet, probability; datatype: anat, pet");
  });
});
