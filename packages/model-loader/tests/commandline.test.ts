import { describe, expect, it } from "vitest";
import { parseCommandline } from "../src/folders/clinicadl-0/commandline.ts";
import type { TrainingSettings } from "../src/index.ts";
import { commandline } from "./memory-model-folder.ts";

const parse = (object: unknown) => parseCommandline(JSON.stringify(object), "commandline.json");

const block = { in_channels: null, out_channels: 4, n_conv: 1, d_reduction: "MaxPooling" };
const drawn = { mode: "image", preprocessing: "t1-linear", convolutions: { conv0: block }, n_fcblocks: 2 };

describe("commandline.json of ClinicaDL 0.2", () => {
  it("gives every setting under its newest name", () => {
    const written = {
      ...commandline,
      network_type: "cnn",
      caps_dir: "/data/caps",
      tsv_path: "/data/labels",
      diagnoses: ["AD", "CN"],
      baseline: true,
      n_splits: 5,
      split: [0, 3],
      multi_cohort: true,
      unnormalize: true,
      dropout: 0.5,
      predict_atlas_intensities: ["AAL2"],
      merged_tsv_path: "/data/merged.tsv",
      selection_threshold: 0.6,
      learning_rate: 1e-4,
    };
    expect(parse(written)).toEqual({
      settings: {
        architecture: "Conv5_FC3_down",
        predictAtlasIntensities: ["AAL2"],
        mode: "image",
        networkType: "cnn",
        task: "classification",
        label: "diagnosis",
        images: { preprocessing: "t1-linear-downsampled" },
        capsDir: "/data/caps",
        tsvPath: "/data/labels",
        diagnoses: ["AD", "CN"],
        baseline: true,
        splitCount: 5,
        split: [0, 3],
        multiCohort: true,
        normalize: false,
        dropout: 0.5,
        mergedTsvPath: "/data/merged.tsv",
        selectionThreshold: 0.6,
        thresholdOf: "count",
        selectionMetrics: ["loss", "balanced_accuracy"],
        raw: written,
      },
      oddities: [],
    });
  });

  it("takes null, and what is absent, for the default", () => {
    const { settings } = parse({
      ...commandline,
      n_splits: null,
      split: null,
      selection_threshold: null,
      roi_list: null,
    });
    expect(settings).toMatchObject({ splitCount: 0, baseline: false, multiCohort: false, normalize: true });
    expect(settings).toMatchObject({
      networkType: "cnn",
      diagnoses: [],
      split: undefined,
      dropout: undefined,
    });
  });

  it("describes a network of the random search block by block", () => {
    const second = { in_channels: 4, out_channels: 8, n_conv: 3, d_reduction: "stride" };
    const { settings } = parse({
      ...drawn,
      convolutions: { conv0: block, conv1: second },
      network_normalization: "InstanceNorm",
    });
    expect(settings.architecture).toBeUndefined();
    expect(settings.randomArchitecture).toEqual({
      convolutions: [
        {
          name: "conv0",
          inChannels: undefined,
          outChannels: 4,
          convolutionCount: 1,
          reduction: "MaxPooling",
        },
        { name: "conv1", inChannels: 4, outChannels: 8, convolutionCount: 3, reduction: "stride" },
      ],
      fullyConnectedBlocks: 2,
      normalization: "InstanceNorm",
    });
  });

  it.each([
    ["absent, as before it could be chosen", drawn, "BatchNorm"],
    ["null", { ...drawn, network_normalization: null }, "none"],
    ["None", { ...drawn, network_normalization: "None" }, "none"],
  ])("reads the normalization of a random network when it is %s", (_, written, expected) => {
    expect(parse(written).settings.randomArchitecture?.normalization).toBe(expected);
  });
});

describe("commandline.json of older versions", () => {
  const cases: [title: string, written: Record<string, unknown>, expected: Partial<TrainingSettings>][] = [
    ["network is model", { model: null, network: "Conv6_FC3" }, { architecture: "Conv6_FC3" }],
    ["mode subject is image", { mode: "subject" }, { mode: "image" }],
    [
      "hippocampus_roi is mode roi",
      { mode: "patch", hippocampus_roi: true },
      { mode: "roi", roi: { list: undefined, uncropped: false, extracted: false } },
    ],
    ["hippocampus_roi: false leaves the mode", { mode: "patch", hippocampus_roi: false }, { mode: "patch" }],
    ["mode_task is network_type", { mode_task: "multicnn" }, { networkType: "multicnn" }],
    ["network_type multi is multicnn", { mode: "patch", network_type: "multi" }, { networkType: "multicnn" }],
    [
      "network_type single leaves it to mode_task",
      { network_type: "single", mode_task: "autoencoder" },
      { networkType: "autoencoder" },
    ],
    ["train_autoencoder makes an autoencoder", { train_autoencoder: true }, { networkType: "autoencoder" }],
    ["train_autoencoder: false does not", { train_autoencoder: false }, { networkType: "cnn" }],
    [
      "preprocessing linear is t1-linear",
      { preprocessing: "linear" },
      { images: { preprocessing: "t1-linear" } },
    ],
    [
      "preprocessing mni is t1-extensive",
      { preprocessing: "mni" },
      { images: { preprocessing: "t1-extensive" } },
    ],
    ["input_dir is caps_dir", { input_dir: "/caps" }, { capsDir: "/caps" }],
    ["diagnosis_path is tsv_path", { diagnosis_path: "/labels" }, { tsvPath: "/labels" }],
    ["minmaxnormalization: true is normalized", { minmaxnormalization: true }, { normalize: true }],
    ["minmaxnormalization: false is not", { minmaxnormalization: false }, { normalize: false }],
    [
      "patch_stride is stride_size",
      { mode: "patch", patch_size: 40, patch_stride: 20 },
      { patch: { size: 40, stride: 20, extracted: false } },
    ],
    [
      "mri_plane is slice_direction",
      { mode: "slice", mri_plane: 2 },
      { slice: { direction: 2, discarded: [20, 20], extracted: false, channels: 3, resized: true } },
    ],
    [
      "one number of discarded_slices counts for both ends",
      { mode: "slice", discarded_slices: 12 },
      { slice: { direction: 0, discarded: [12, 12], extracted: false, channels: 3, resized: true } },
    ],
    [
      "two numbers of discarded_slices are one for each end",
      { mode: "slice", discarded_slices: [5, 9] },
      { slice: { direction: 0, discarded: [5, 9], extracted: false, channels: 3, resized: true } },
    ],
    [
      "use_extracted_features stands for each mode",
      { mode: "roi", use_extracted_features: true },
      { roi: { list: undefined, uncropped: false, extracted: true } },
    ],
    [
      "prepare_dl stands for each mode",
      { mode: "slice", prepare_dl: true },
      { slice: { direction: 0, discarded: [20, 20], extracted: true, channels: 3, resized: true } },
    ],
    ["a single split is a list of one", { split: 3 }, { split: [3] }],
    ["an empty path is none", { caps_dir: "", tsv_path: "" }, { capsDir: undefined, tsvPath: undefined }],
  ];

  it.each(cases)("%s", (_, written, expected) => {
    expect(parse({ ...commandline, ...written }).settings).toMatchObject(expected);
  });

  it("keeps the object as it is beside the new names", () => {
    const written = { ...commandline, mode: "subject", unknown_arg: [1, { deep: true }] };
    expect(parse(written).settings.raw).toEqual(written);
  });

  it("uses the newer of two names that contradict each other, and says so", () => {
    const { settings, oddities } = parse({
      ...commandline,
      patch_stride: 20,
      stride_size: 30,
      mode: "patch",
    });
    expect(settings.patch?.stride).toBe(30);
    expect(oddities).toEqual([
      'commandline.json: "patch_stride" (20) contradicts "stride_size" (30); the latter is used',
    ]);
    expect(parse({ ...commandline, patch_stride: 30, stride_size: 30 }).oddities).toEqual([]);
  });
});

describe("a commandline.json that cannot be understood", () => {
  const cases: [title: string, written: unknown, message: string][] = [
    [
      "an unknown mode",
      { ...commandline, mode: "imag" },
      'invalid value of "mode": expected one of "image", "patch", "roi", "slice", found "imag"',
    ],
    [
      "no mode",
      { preprocessing: "t1-linear", model: "x" },
      '"mode" is missing: expected one of "image", "patch", "roi", "slice"',
    ],
    [
      "an unknown preprocessing",
      { ...commandline, preprocessing: ["t1-linear"] },
      'invalid value of "preprocessing": expected one of "t1-linear", "t1-linear-downsampled", "t1-extensive", "t1-volume", "shepplogan", found ["t1-linear"]',
    ],
    [
      "text for a flag",
      { ...commandline, baseline: "yes" },
      'invalid value of "baseline": expected true or false, found "yes"',
    ],
    [
      "a negative size",
      { ...commandline, patch_size: -1 },
      'invalid value of "patch_size": expected a whole number from 1 on, found -1',
    ],
    [
      "half a split",
      { ...commandline, n_splits: 2.5 },
      'invalid value of "n_splits": expected a whole number from 0 on, found 2.5',
    ],
    [
      "three ends of slices",
      { ...commandline, discarded_slices: [1, 2, 3] },
      'invalid value of "discarded_slices": expected one or two whole numbers, found [1,2,3]',
    ],
    [
      "an invalid direction",
      { ...commandline, slice_direction: 3 },
      'invalid value of "slice_direction": expected one of 0, 1, 2, found 3',
    ],
    ["neither a model nor blocks", { mode: "image", preprocessing: "t1-linear" }, 'there is neither "model"'],
    ["blocks without n_fcblocks", { ...drawn, n_fcblocks: undefined }, '"n_fcblocks" is missing'],
    [
      "no blocks",
      { ...drawn, convolutions: {} },
      'wrong number of blocks in "convolutions": expected 1 to 1000, found 0',
    ],
    [
      "a block that would keep us busy",
      { ...drawn, convolutions: { conv0: { ...block, n_conv: 1e9 } } },
      'invalid value of "convolutions.conv0.n_conv": expected a whole number from 1 to 1000, found 1000000000',
    ],
    [
      "an unknown reduction",
      { ...drawn, convolutions: { conv0: { ...block, d_reduction: "Max" } } },
      'invalid value of "convolutions.conv0.d_reduction": expected one of "MaxPooling", "stride", found "Max"',
    ],
    ["a block whose name is a path", { ...drawn, convolutions: { "../x": block } }, "named conv0, conv1"],
    ["a list", [1, 2], "it is not a JSON object of options"],
  ];

  it.each(cases)("%s is an error that names it", (_, written, message) => {
    expect(() => parse(written)).toThrow(message);
    expect(() => parse(written)).toThrow("commandline.json");
  });

  it("names every key that is wrong, not only the first", () => {
    expect(() => parse({ ...commandline, mode: 1, baseline: 2 })).toThrow(
      /value of "mode".*found 1; .*value of "baseline".*found 2/,
    );
  });

  it("that is not JSON is named", () => {
    expect(() => parseCommandline('{"mode": NaN', "a.json")).toThrow("a.json: it is not valid JSON");
  });
});

describe("numbers as Python's json writes them", () => {
  const parse = (entries: string) =>
    parseCommandline(
      `{"mode": "image", "preprocessing": "t1-linear", "model": "Conv5_FC3", ${entries}}`,
      "commandline.json",
    );

  it("may be NaN or infinite where they do not matter", () => {
    const { settings } = parse('"tolerance": NaN, "weight_decay": Infinity, "dropout": NaN, "note": "NaN"');
    expect(settings.raw).toMatchObject({ tolerance: Number.NaN, weight_decay: Infinity, note: "NaN" });
  });

  it("are named where they do", () => {
    expect(() => parse('"n_splits": NaN')).toThrow(
      'commandline.json: invalid value of "n_splits": expected a whole number from 0 on, found NaN',
    );
  });
});
