import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseMaps } from "../src/folders/maps/maps.ts";
import { parseCommandline, trainingOptions, writtenOptions } from "../src/index.ts";
import type { TrainingSettings } from "../src/settings/settings.ts";
import { commandline, maps } from "./memory-model-folder.ts";

type Options = Readonly<Record<string, unknown>>;

/** What a reader makes of the options, without the options themselves. */
function meaning(settings: TrainingSettings): Omit<TrainingSettings, "raw"> {
  const { raw: _, ...rest } = settings;
  return rest;
}

const ofMaps = (options: Options, ofImages: Options = {}) =>
  meaning(
    parseMaps(
      JSON.stringify({
        ...{ ...maps, mode: ofImages.mode ?? "image", input_size: undefined, ...options },
        preprocessing_dict: { ...maps.preprocessing_dict, ...ofImages },
      }),
      "maps.json",
    ).settings,
  );
const of02 = (options: Options) =>
  meaning(parseCommandline(JSON.stringify({ ...commandline, ...options }), "c").settings);

const slices = { mode: "slice" };
/** For each key two settings: they mean something else where the option is honoured, the same where it is ignored. */
const examples: Readonly<Record<string, readonly [unknown, unknown]>> = {
  network_task: [ofMaps({}), ofMaps({ network_task: "regression" })],
  label: [ofMaps({}), ofMaps({ label: "sex", label_code: { F: 0, M: 1 } })],
  normalize: [ofMaps({ normalize: true }), ofMaps({ normalize: false })],
  minmaxnormalization: [
    ofMaps({ normalize: undefined, minmaxnormalization: true }),
    ofMaps({ normalize: undefined, minmaxnormalization: false }),
  ],
  unnormalize: [of02({ unnormalize: false }), of02({ unnormalize: true })],
  size_reduction: [ofMaps({ size_reduction: false }), ofMaps({ size_reduction: true })],
  use_uncropped_image: [ofMaps({}), ofMaps({}, { use_uncropped_image: true })],
  prepare_dl: [ofMaps({}, slices), ofMaps({}, { ...slices, prepare_dl: true })],
  use_extracted_patches: [of02({ mode: "patch" }), of02({ mode: "patch", use_extracted_patches: true })],
  use_extracted_roi: [of02({ mode: "roi" }), of02({ mode: "roi", use_extracted_roi: true })],
  use_extracted_slices: [of02(slices), of02({ ...slices, use_extracted_slices: true })],
  slice_mode: [ofMaps({}, slices), ofMaps({}, { ...slices, slice_mode: "single" })],
  discarded_slices: [ofMaps({}, slices), ofMaps({}, { ...slices, discarded_slices: [1, 2] })],
  num_slices: [ofMaps({}, slices), ofMaps({}, { ...slices, num_slices: 3 })],
  multi_network: [ofMaps({}), ofMaps({ multi_network: true })],
  multi: [ofMaps({ multi_network: undefined }), ofMaps({ multi_network: undefined, multi: true })],
  network_type: [of02({ mode: "patch" }), of02({ mode: "patch", network_type: "multicnn" })],
  selection_threshold: [ofMaps({ selection_threshold: 0 }), ofMaps({ selection_threshold: 0.7 })],
  multi_cohort: [ofMaps({}), ofMaps({ multi_cohort: true })],
  ssda_network: [ofMaps({}), ofMaps({ ssda_network: true, architecture: "Conv5_FC3_SSDA" })],
  predict_atlas_intensities: [of02({}), of02({ predict_atlas_intensities: ["AAL2"] })],
  transfer_path: [
    ofMaps({ transfer_path: false }),
    ofMaps({ transfer_path: "../other", nb_unfrozen_layer: 2 }),
  ],
  transfer_learning_path: [of02({}), of02({ transfer_learning_path: "/other" })],
  data_augmentation: [ofMaps({}), ofMaps({ data_augmentation: ["Noise", "Smoothing"] })],
  sampler: [ofMaps({}), ofMaps({ sampler: "weighted" })],
  deterministic: [ofMaps({}), ofMaps({ deterministic: true, compensation: "time", seed: 3 })],
  nondeterministic: [ofMaps({}), ofMaps({ nondeterministic: true })],
  amp: [ofMaps({}), ofMaps({ amp: true })],
  fully_sharded_data_parallel: [ofMaps({}), ofMaps({ fully_sharded_data_parallel: true })],
  "use_extracted_features 1.x": [ofMaps({}, slices), ofMaps({ use_extracted_features: true }, slices)],
  "use_extracted_features 0.2": [of02(slices), of02({ ...slices, use_extracted_features: true })],
};

describe("training options that may change inference", () => {
  // The dropout rate is recorded but never used.
  const cases = trainingOptions.flatMap(({ keys, effect, only }) =>
    keys.filter((key) => key !== "dropout").map((key) => [only ? `${key} ${only}` : key, effect] as const),
  );
  it.each(cases)("%s is %s", (key, effect) => {
    const [one, other] = examples[key] ?? [undefined, undefined];
    expect(one).toBeDefined();
    if (effect === "ignored") expect(other).toEqual(one);
    else expect(other).not.toEqual(one);
  });

  it("are in the table of the documentation, with what is done about each", () => {
    const page = readFileSync(new URL("../../../apps/docs/pages/formats/maps.md", import.meta.url), "utf8");
    const [, section = ""] = page.split("## Training options that may change inference\n");
    const rows = (section.split("\n## ")[0] ?? "")
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(rows).toEqual(
      trainingOptions.map(({ keys, details = [], effect, only, what }) => [
        [...keys, ...details].map((key) => `\`${key}\``).join(", ") + (only ? ` of ${only}` : ""),
        effect,
        what,
      ]),
    );
  });

  it("are listed for a model where they are not as usual", () => {
    const raw = {
      ...{
        sampler: "random",
        data_augmentation: [],
        size_reduction: false,
        size_reduction_factor: 2,
        dropout: 0,
      },
      ...{ deterministic: true, seed: 3, transfer_path: false },
      preprocessing_dict: { mode: "slice", discarded_slices: [0, 4] },
    };
    expect(writtenOptions({ raw }).map(({ written }) => written)).toEqual([
      { discarded_slices: [0, 4] },
      { deterministic: true, seed: 3 },
    ]);
  });
});
