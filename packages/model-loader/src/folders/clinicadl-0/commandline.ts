import { type Preprocessing, VoxplainError } from "@voxplain/core";
import * as v from "valibot";
import { drawnArchitecture } from "../../settings/drawn-architecture.ts";
import {
  convolutionBlocks,
  discardedSlices,
  flag,
  fraction,
  mostLayers,
  normalizations,
  oneOf,
  rate,
  text,
  texts,
  whole,
  wholes,
} from "../../settings/option-values.ts";
import { checkOptions, parseOptions } from "../../settings/options-file.ts";
import {
  modes,
  networkTypes,
  type ParsedSettings,
  type Task,
  type TrainingSettings,
} from "../../settings/settings.ts";
import { renameRetired } from "./retired-names.ts";

/** Those that ClinicaDL 0.x knew. */
const preprocessings = [
  "t1-linear",
  "t1-linear-downsampled",
  "t1-extensive",
  "t1-volume",
  "shepplogan",
] as const satisfies readonly Preprocessing[];

/** The keys that matter, under their newest names; null was taken out before. Others are ignored. */
const schema = v.object({
  model: v.optional(text),
  mode: oneOf(modes),
  network_type: v.optional(oneOf(networkTypes), "cnn"),
  preprocessing: oneOf(preprocessings),
  caps_dir: v.optional(text),
  tsv_path: v.optional(text),
  diagnoses: v.optional(texts, []),
  baseline: v.optional(flag, false),
  n_splits: v.optional(whole(0), 0),
  split: v.optional(wholes),
  multi_cohort: v.optional(flag, false),
  unnormalize: v.optional(flag, false),
  dropout: v.optional(rate),
  patch_size: v.optional(whole(1), 50),
  stride_size: v.optional(whole(1), 50),
  use_extracted_patches: v.optional(flag, false),
  roi_list: v.optional(texts),
  uncropped_roi: v.optional(flag, false),
  use_extracted_roi: v.optional(flag, false),
  slice_direction: v.optional(oneOf([0, 1, 2]), 0),
  discarded_slices: v.optional(discardedSlices, [20]),
  use_extracted_slices: v.optional(flag, false),
  predict_atlas_intensities: v.optional(texts),
  merged_tsv_path: v.optional(text),
  selection_threshold: v.optional(fraction),
  convolutions: v.optional(convolutionBlocks),
  n_fcblocks: v.optional(whole(1, mostLayers)),
  network_normalization: v.optional(normalizations),
});

/**
 * Reads a commandline.json of any ClinicaDL 0.x.
 * @param name What to call the file in messages.
 * @throws VoxplainError `invalid-file` naming each key that cannot be understood, what was found and
 * what is allowed.
 */
export function parseCommandline(json: string, name: string): ParsedSettings {
  const raw = parseOptions(json, name);
  const { values, contradictions } = renameRetired(raw);
  const found = checkOptions(schema, values, name);
  const described = found.model !== undefined || found.convolutions !== undefined;
  if (!described && found.network_type !== "autoencoder") {
    throw new VoxplainError(
      "invalid-file",
      'the architecture is missing: there is neither "model" (or the older "network") nor "convolutions" of a random search',
      { file: name },
    );
  }
  // Without the key, networks of the first random searches were normalized too; null means none.
  const isNone = "network_normalization" in raw && raw.network_normalization === null;
  const settings: TrainingSettings = {
    architecture: found.model,
    ...(found.model === undefined &&
      found.convolutions !== undefined && {
        randomArchitecture: drawnArchitecture(
          {
            key: "convolutions",
            blocks: found.convolutions,
            fullyConnectedBlocks: found.n_fcblocks,
            normalization: isNone ? "none" : (found.network_normalization ?? "BatchNorm"),
          },
          name,
        ),
      }),
    predictAtlasIntensities: found.predict_atlas_intensities,
    mode: found.mode,
    networkType: found.network_type,
    task: taskOf(raw, found.network_type === "autoencoder"),
    label: found.network_type === "autoencoder" ? undefined : "diagnosis",
    labelCode: undefined,
    inputDims: undefined,
    images: { preprocessing: found.preprocessing },
    capsDir: found.caps_dir || undefined,
    tsvPath: found.tsv_path || undefined,
    diagnoses: found.diagnoses,
    baseline: found.baseline,
    splitCount: found.n_splits,
    split: found.split,
    multiCohort: found.multi_cohort,
    normalize: !found.unnormalize,
    dropout: found.dropout,
    ...(found.mode === "patch" && {
      patch: { size: found.patch_size, stride: found.stride_size, extracted: found.use_extracted_patches },
    }),
    ...(found.mode === "roi" && {
      roi: { list: found.roi_list, uncropped: found.uncropped_roi, extracted: found.use_extracted_roi },
    }),
    ...(found.mode === "slice" && {
      slice: {
        direction: found.slice_direction,
        discarded: found.discarded_slices,
        extracted: found.use_extracted_slices,
        channels: 3,
        resized: true,
      },
    }),
    mergedTsvPath: found.merged_tsv_path || undefined,
    selectionThreshold: found.selection_threshold,
    thresholdOf: "count",
    selectionMetrics: ["loss", "balanced_accuracy"],
    raw,
  };
  return { settings, oddities: contradictions.map((contradiction) => `${name}: ${contradiction}`) };
}

/** ClinicaDL 0.2 trains classifiers and autoencoders; others wrote folders of its kind for regressions. */
function taskOf(raw: Readonly<Record<string, unknown>>, isAutoencoder: boolean): Task {
  if (isAutoencoder) return "reconstruction";
  return raw.network_task === "regression" ? "regression" : "classification";
}
