import { describe, expect, it } from "vitest";
import { parseMaps } from "../src/folders/maps/maps.ts";
import type { TrainingSettings } from "../src/index.ts";
import { flatMaps, maps } from "./memory-model-folder.ts";

const parse = (object: unknown) => parseMaps(JSON.stringify(object), "maps.json");
const settingsOf = (object: unknown) => parse(object).settings;
const { preprocessing_dict: ofImages } = maps;
/** With other options of the images; the sizes of whole images say nothing of parts. */
const cut = (options: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  ...maps,
  input_size: undefined,
  mode: options.mode ?? "image",
  ...more,
  preprocessing_dict: { ...ofImages, ...options },
});

describe("maps.json of ClinicaDL 1.x", () => {
  it("gives every setting that matters", () => {
    const written = {
      ...maps,
      selection_metrics: ["loss", "BA"],
      selection_threshold: 0.6,
      multi_cohort: true,
      baseline: true,
      normalize: false,
      n_splits: 5,
      split: [0, 3],
      dropout: 0.5,
      learning_rate: 1e-4,
    };
    expect(parse(written)).toEqual({
      settings: {
        generation: "1.x",
        architecture: "Conv5_FC3",
        outputSize: 2,
        mode: "image",
        networkType: "cnn",
        task: "classification",
        label: "diagnosis",
        labelCode: new Map([
          ["AD", 0],
          ["CN", 1],
        ]),
        inputDims: [1, 169, 208, 179],
        partCount: 1,
        images: { preprocessing: "t1-linear", generation: "1.x" },
        capsDir: "../caps",
        tsvPath: "../labels",
        diagnoses: ["AD", "CN"],
        baseline: true,
        splitCount: 5,
        split: [0, 3],
        multiCohort: true,
        normalize: false,
        dropout: 0.5,
        selectionThreshold: 0.6,
        thresholdOf: "accuracy",
        selectionMetrics: ["loss", "BA"],
        raw: written,
      },
      oddities: [],
    });
  });

  it("gives an absent key the default of the reader, so that a file of 1.0 is complete", () => {
    const settings = settingsOf({
      architecture: "Conv5_FC3",
      network_task: "classification",
      preprocessing_dict: { preprocessing: "t1-linear", mode: "image" },
    });
    expect(settings).toMatchObject({
      ...{ networkType: "cnn", label: "diagnosis", labelCode: undefined, diagnoses: ["AD", "CN"] },
      ...{ normalize: true, baseline: false, multiCohort: false, splitCount: 0, split: undefined },
      ...{ selectionMetrics: ["loss"], inputDims: undefined, outputSize: undefined },
    });
    expect(settings.selectionThreshold).toBeUndefined();
    expect(settings.sizeReduction).toBeUndefined();
  });

  it.each([
    ["an empty path", "", undefined],
    ["false in the place of a path", false, undefined],
    ["null", null, undefined],
    ["a path", "/data/caps", "/data/caps"],
  ])("takes %s as it is meant", (_, written, expected) => {
    const { capsDir, tsvPath } = settingsOf({ ...maps, caps_directory: written, tsv_path: written });
    expect([capsDir, tsvPath]).toEqual([expected, expected]);
  });

  it("leaves alone what has no effect on inference, whatever it holds", () => {
    const odd = {
      transfer_path: false,
      sampler: 3,
      data_augmentation: ["Noise"],
      compensation: {},
      new: [[]],
    };
    expect(settingsOf({ ...maps, ...odd })).toEqual({ ...settingsOf(maps), raw: { ...maps, ...odd } });
  });

  it("has no threshold where selection_threshold is null", () => {
    expect(settingsOf({ ...maps, selection_threshold: null }).selectionThreshold).toBeUndefined();
  });

  const tasks: [string, Record<string, unknown>, Partial<TrainingSettings>][] = [
    [
      "a regression has the label age and no code",
      { network_task: "regression", label: undefined, label_code: null, output_size: 1 },
      { task: "regression", label: "age", labelCode: undefined, networkType: "cnn", outputSize: 1 },
    ],
    [
      "a reconstruction has no label, and the size of an image as its output",
      { network_task: "reconstruction", label: null, label_code: null, output_size: [1, 32, 40, 32] },
      { task: "reconstruction", label: undefined, networkType: "autoencoder", outputSize: undefined },
    ],
    ["one network for each part is a multicnn", { multi_network: true }, { networkType: "multicnn" }],
    ["a split is a list of one", { split: 1 }, { split: [1] }],
    ["no split is all of them", { split: [] }, { split: undefined }],
  ];
  it.each(tasks)("%s", (_, written, expected) => {
    expect(settingsOf({ ...maps, ...written })).toMatchObject(expected);
  });
});

describe("label_code", () => {
  it("that is a list is refused", () => {
    expect(() => parse({ label_code: [1, 0] })).toThrow(
      /invalid value of "label_code": expected an object that gives each value of the label a node, found \[1,0\]/,
    );
  });

  it.each([
    ["numbers as text", { "0": 0, "1": 1 }],
    ["decimals as text", { "60.0": 1, "55.0": 0 }],
    ["several values that share a node", { AD: 1, MCI: 1, CN: 0 }],
    ["the name of a property of every object", { valueOf: 0, toString: 1 }],
  ])("may have %s", (_, code) => {
    expect(settingsOf({ ...maps, label_code: code }).labelCode).toEqual(new Map(Object.entries(code)));
  });

  it.each([{}, null, undefined])("that is %j is none", (code) => {
    expect(settingsOf({ ...maps, label_code: code }).labelCode).toBeUndefined();
  });

  it("with something else than nodes is an error", () => {
    expect(() => parse({ ...maps, label_code: { AD: "first" } })).toThrow(
      'maps.json: invalid value of "label_code.AD": expected a whole number from 0 on, found "first"',
    );
  });
});

describe("maps.json of older versions", () => {
  const cases: [string, Record<string, unknown>, Partial<TrainingSettings>][] = [
    ["model is architecture", { architecture: undefined, model: "resnet18" }, { architecture: "resnet18" }],
    ["multi is multi_network", { multi_network: undefined, multi: true }, { networkType: "multicnn" }],
    [
      "minmaxnormalization is normalize, not inverted",
      { normalize: undefined, minmaxnormalization: false },
      { normalize: false },
    ],
  ];
  it.each(cases)("%s", (_, written, expected) => {
    expect(settingsOf({ ...maps, ...written })).toMatchObject(expected);
  });

  it("in which an old and a new key differ is read as ClinicaDL reads it, with a note", () => {
    const { settings, oddities } = parse({ ...maps, normalize: true, minmaxnormalization: false });
    expect(settings.normalize).toBe(false);
    expect(oddities).toEqual([
      'maps.json: "minmaxnormalization" (false) contradicts "normalize" (true); the former is used, as ClinicaDL does',
    ]);
  });
});

describe("maps.json of 1.0.0 and 1.0.1, without preprocessing_dict", () => {
  it("is read as the nested one is", () => {
    expect(settingsOf(flatMaps)).toMatchObject({
      ...{ architecture: "Conv5_FC3", mode: "image", normalize: true, inputDims: [1, 169, 208, 179] },
      images: { preprocessing: "t1-linear" },
    });
  });

  it.each(["rgb", "single"])(
    "has slices of three channels, resized, also where they were extracted as %s",
    (mode) => {
      const written = { ...flatMaps, mode: "slice", slice_mode: mode, input_size: [3, 224, 224] };
      expect(settingsOf(written).slice).toEqual({
        ...{ direction: 0, discarded: [20, 20], extracted: false, channels: 3, resized: true },
      });
    },
  );

  it("may mean the two hippocampi by no list of regions", () => {
    const written = { ...flatMaps, mode: "roi", roi_list: null, input_size: [1, 50, 50, 50] };
    expect(settingsOf(written).roi).toEqual({ list: undefined, uncropped: false, extracted: false });
  });

  it.each(["t1-extensive", "t1-volume", "t1-linear-downsampled", "shepplogan"])(
    "knows %s",
    (preprocessing) => {
      const { images } = settingsOf({ ...flatMaps, preprocessing, input_size: undefined });
      expect(images).toEqual({ preprocessing });
    },
  );
});

describe("the images of a MAPS", () => {
  const pet = { preprocessing: "pet-linear", suvr_reference_region: "pons2" };
  const cases: [string, Record<string, unknown>, TrainingSettings["images"]][] = [
    ["are uncropped", { use_uncropped_image: true }, { preprocessing: "t1-linear", uncropped: true }],
    [
      "of PET have a tracer and a region",
      { ...pet, tracer: "18FFDG" },
      { preprocessing: "pet-linear", tracer: "18FFDG", suvrReferenceRegion: "pons2" },
    ],
    [
      "of PET before 1.3 have an acq_label",
      { ...pet, acq_label: "fdg" },
      { preprocessing: "pet-linear", tracer: "fdg", suvrReferenceRegion: "pons2" },
    ],
    ["are FLAIR", { preprocessing: "flair-linear" }, { preprocessing: "flair-linear" }],
    [
      "of DTI have a measure and a space",
      { preprocessing: "dwi-dti", dti_measure: "FA", dti_space: "T1w" },
      { preprocessing: "dwi-dti", dtiMeasure: "FA", dtiSpace: "T1w" },
    ],
    [
      "of DTI may name both as 1.6 reads them",
      { preprocessing: "dwi-dti", measure: "MD", space: "MNI" },
      { preprocessing: "dwi-dti", dtiMeasure: "MD", dtiSpace: "MNI" },
    ],
    [
      "of one's own have a suffix; whether they are cropped is null",
      { preprocessing: "custom", custom_suffix: "_desc-mine_T1w.nii.gz", use_uncropped_image: null },
      { preprocessing: "custom", customSuffix: "_desc-mine_T1w.nii.gz" },
    ],
    [
      "of one's own have masks with names of their own",
      {
        ...{ preprocessing: "custom", custom_suffix: "_pet.nii", mode: "roi", roi_list: ["left"] },
        ...{ roi_custom_template: "Mine", roi_custom_mask_pattern: "res-2", roi_custom_suffix: "" },
      },
      { preprocessing: "custom", customSuffix: "_pet.nii", maskTemplate: "Mine", maskPattern: "res-2" },
    ],
  ];
  it.each(cases)("%s", (_, written, expected) => {
    expect(settingsOf(cut(written)).images).toEqual({ ...expected, generation: "1.x" });
  });

  it.each([2, 3, 4, 5])("may be subsampled by %i", (factor) => {
    const written = { ...maps, size_reduction: true, size_reduction_factor: factor };
    expect(settingsOf(written).sizeReduction).toBe(factor);
  });

  it("keep their size whatever the factor, unless size_reduction is true", () => {
    const written = { ...maps, size_reduction: false, size_reduction_factor: 4 };
    expect(settingsOf(written)).not.toHaveProperty("sizeReduction");
  });
});

describe("the parts of a MAPS", () => {
  const cases: [string, Record<string, unknown>, Partial<TrainingSettings>][] = [
    ["are patches of 50", { mode: "patch" }, { patch: { size: 50, stride: 50, extracted: false } }],
    [
      "are patches of any size, read from files",
      { mode: "patch", patch_size: 24, stride_size: 16, prepare_dl: true },
      { patch: { size: 24, stride: 16, extracted: true } },
    ],
    [
      "are regions",
      { mode: "roi", roi_list: ["left", "right"], uncropped_roi: true },
      { roi: { list: ["left", "right"], uncropped: true, extracted: false } },
    ],
    [
      "are slices of three channels, not resized, of which none is discarded",
      { mode: "slice" },
      { slice: { direction: 0, discarded: [0, 0], extracted: false, channels: 3, resized: false } },
    ],
    [
      "are slices of one channel",
      { mode: "slice", slice_mode: "single", slice_direction: 2 },
      { slice: { direction: 2, discarded: [0, 0], extracted: false, channels: 1, resized: false } },
    ],
    [
      "are so many slices",
      { mode: "slice", num_slices: 7, discarded_slices: [3, 4] },
      { slice: { direction: 0, discarded: [3, 4], extracted: false, channels: 3, resized: false, count: 7 } },
    ],
  ];
  it.each(cases)("%s", (_, written, expected) => {
    expect(settingsOf(cut(written))).toMatchObject(expected);
  });

  it.each([
    [5, [5, 5]],
    [[5], [5, 5]],
    [
      [5, 9],
      [5, 9],
    ],
  ])("leave out %j slices", (written, expected) => {
    expect(settingsOf(cut({ mode: "slice", discarded_slices: written })).slice?.discarded).toEqual(expected);
  });

  it("are as large as input_size says where size_reduction makes them smaller", () => {
    const smaller = { size_reduction: true, input_size: [1, 23, 21, 21] };
    expect(settingsOf(cut({ mode: "patch" }, smaller)).inputDims).toEqual([1, 23, 21, 21]);
  });
});

describe("the network of a random search", () => {
  const block = { in_channels: null, out_channels: 4, n_conv: 2, d_reduction: "MaxPooling" };
  const drawn = {
    ...maps,
    ...{ architecture: "RandomArchitecture", n_conv: 4, n_fcblocks: 2 },
    convolutions_dict: { conv0: block, conv1: { ...block, in_channels: 4, d_reduction: "stride" } },
  };

  it("has the blocks in their order, with their own n_conv", () => {
    expect(settingsOf({ ...drawn, network_normalization: "InstanceNorm" }).randomArchitecture).toEqual({
      convolutions: [
        {
          name: "conv0",
          inChannels: undefined,
          outChannels: 4,
          convolutionCount: 2,
          reduction: "MaxPooling",
        },
        { name: "conv1", inChannels: 4, outChannels: 4, convolutionCount: 2, reduction: "stride" },
      ],
      fullyConnectedBlocks: 2,
      normalization: "InstanceNorm",
    });
  });

  it.each([
    ["null", { network_normalization: null }, "none"],
    ["absent", {}, "BatchNorm"],
  ])("is normalized by network_normalization: %s", (_, written, expected) => {
    expect(settingsOf({ ...drawn, ...written }).randomArchitecture?.normalization).toBe(expected);
  });

  it("is not taken for one where another architecture is named", () => {
    expect(settingsOf({ ...drawn, architecture: "Conv5_FC3" }).architecture).toBe("Conv5_FC3");
  });
});

describe("a maps.json that cannot be understood", () => {
  const cases: [string, unknown, string][] = [
    ["an unknown task", { ...maps, network_task: "guess" }, 'invalid value of "network_task"'],
    ["no task", { ...maps, network_task: undefined }, '"network_task" is missing: expected one of'],
    ["no architecture", { ...maps, architecture: undefined }, '"architecture" is missing: expected text'],
    ["no preprocessing", { ...maps, preprocessing_dict: { mode: "image" } }, '"preprocessing" is missing'],
    [
      "no mode",
      { ...maps, mode: undefined, preprocessing_dict: { preprocessing: "t1-linear" } },
      '"mode" is missing',
    ],
    [
      "two modes",
      { ...maps, mode: "patch" },
      '"mode" contradicts "preprocessing_dict.mode": expected "image", found "patch"',
    ],
    [
      "preprocessing_dict that is text",
      { ...maps, preprocessing_dict: "x.json" },
      'invalid value of "preprocessing_dict"',
    ],
    [
      "an input of two axes",
      { ...maps, input_size: [3, 5] },
      'invalid value of "input_size": expected three or four whole numbers',
    ],
    [
      "a factor of 7",
      { ...maps, size_reduction_factor: 7 },
      'invalid value of "size_reduction_factor": expected one of 2, 3, 4, 5, found 7',
    ],
    [
      "three ends of slices",
      cut({ mode: "slice", discarded_slices: [1, 2, 3] }),
      'invalid value of "discarded_slices"',
    ],
    [
      "an unknown slice_mode",
      cut({ mode: "slice", slice_mode: "grey" }),
      'expected one of "rgb", "single", found "grey"',
    ],
    ["regions without names", cut({ mode: "roi", roi_list: null }), '"roi_list" is missing'],
    ["an empty list of regions", cut({ mode: "roi", roi_list: [] }), '"roi_list" is missing'],
    [
      "custom images without a suffix",
      cut({ preprocessing: "custom", custom_suffix: "" }),
      '"custom_suffix" is missing',
    ],
    [
      "a random search without blocks",
      { ...maps, architecture: "RandomArchitecture" },
      '"convolutions_dict" is missing',
    ],
    [
      "patches of another size than the input",
      cut({ mode: "patch", patch_size: 24 }, { input_size: [1, 50, 50, 50] }),
      '"input_size" contradicts how the images are cut: expected [1, 24, 24, 24] in mode patch, found [1, 50, 50, 50]',
    ],
    [
      "slices of one channel for an input of three",
      cut({ mode: "slice", slice_mode: "single" }, { input_size: [3, 20, 20] }),
      "expected [1, any, any] in mode slice, found [3, 20, 20]",
    ],
    [
      "a data group",
      { caps_directory: "../caps", multi_cohort: false },
      "it describes a data group of a MAPS, not a MAPS",
    ],
    ["a list", [maps], "it is not a JSON object of options"],
  ];
  it.each(cases)("%s is an error that names it", (_, written, message) => {
    expect(() => parse(written)).toThrow(message);
    expect(() => parse(written)).toThrow("maps.json");
  });

  it("has every key that is wrong named, not only the first", () => {
    expect(() => parse({ ...maps, network_task: "guess", normalize: 1, multi_network: "no" })).toThrow(
      /value of "network_task".*found "guess"; .*"multi_network".*found "no"; .*value of "normalize".*found 1/,
    );
  });
});

describe("the JSON of a MAPS", () => {
  const withEntry = (entry: string) => `${JSON.stringify(maps).slice(0, -1)}, ${entry}}`;

  it("may have a byte order mark and numbers as Python writes them", () => {
    const json = `\uFEFF${withEntry('"tolerance": NaN, "best": -Infinity')}`;
    expect(parseMaps(json, "maps.json").settings.raw).toMatchObject({
      tolerance: Number.NaN,
      best: -Infinity,
    });
  });

  it("has numbers that are no numbers named where they matter", () => {
    expect(() => parseMaps(withEntry('"n_splits": NaN'), "maps.json")).toThrow(
      'invalid value of "n_splits": expected a whole number from 0 on, found NaN',
    );
  });

  it("takes the last of two values of a key, as Python does", () => {
    expect(parseMaps(withEntry('"normalize": false'), "maps.json").settings.normalize).toBe(false);
  });

  it.each([
    ["that is cut off", JSON.stringify(maps).slice(0, 200)],
    ["that is nested without end", `{"a":`.repeat(5000)],
    ["that is empty", ""],
  ])("%s is refused by its name", (_, json) => {
    expect(() => parseMaps(json, "maps.json")).toThrow("maps.json: it is not valid JSON");
  });

  it("cannot change what an object is by its keys", () => {
    const json = withEntry('"__proto__": {"normalize": false}, "label_code": {"__proto__": 1, "AD": 0}');
    const { settings } = parseMaps(json, "maps.json");
    expect(settings.normalize).toBe(true);
    expect(settings.labelCode?.get("AD")).toBe(0);
    expect({}).not.toHaveProperty("normalize");
  });
});
