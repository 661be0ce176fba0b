import { type CapsImages, isObject, preprocessings, VoxplainError } from "@voxplain/core";
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
import { checkOptions, parseOptions, severalProblems } from "../../settings/options-file.ts";
import {
  modes,
  type ParsedSettings,
  sizeReductions,
  type TrainingSettings,
  tasks,
} from "../../settings/settings.ts";
import { mapsOptions } from "./maps-options.ts";

/** ClinicaDL writes "" and false for a missing path. */
const path = v.pipe(
  v.union([text, v.literal(false)], "a path, or false"),
  v.transform((value) => value || undefined),
);
/** "" is as good as nothing. */
const someText = v.pipe(
  text,
  v.transform((value) => value || undefined),
);

const labelCodeText = "an object that gives each value of the label a node";

/** The keys that matter, under their newest names; null was taken out before. Others are ignored. */
const schema = v.object({
  architecture: text,
  network_task: oneOf(tasks),
  mode: oneOf(modes),
  preprocessing: oneOf(preprocessings),
  multi_network: v.optional(flag, false),
  num_networks: v.optional(whole(1)),
  input_size: v.optional(
    v.pipe(
      v.array(whole(1), "three or four whole numbers"),
      v.minLength(3, "three or four whole numbers"),
      v.maxLength(4, "three or four whole numbers"),
    ),
  ),
  output_size: v.optional(v.union([whole(1), v.array(whole(1))], "a whole number, or the size of an image")),
  label: v.optional(someText),
  label_code: v.optional(
    v.pipe(
      v.custom<Readonly<Record<string, unknown>>>(isObject, labelCodeText),
      v.record(v.string(), whole(0), labelCodeText),
    ),
  ),
  selection_metrics: v.optional(texts, ["loss"]),
  selection_threshold: v.optional(fraction),
  caps_directory: v.optional(path),
  tsv_path: v.optional(path),
  multi_cohort: v.optional(flag, false),
  diagnoses: v.optional(texts, ["AD", "CN"]),
  baseline: v.optional(flag, false),
  normalize: v.optional(flag, true),
  size_reduction: v.optional(flag, false),
  size_reduction_factor: v.optional(oneOf(sizeReductions), 2),
  n_splits: v.optional(whole(0), 0),
  split: v.optional(wholes, []),
  dropout: v.optional(rate),
  convolutions_dict: v.optional(convolutionBlocks),
  n_fcblocks: v.optional(whole(1, mostLayers)),
  network_normalization: v.optional(normalizations),
  use_uncropped_image: v.optional(flag, false),
  prepare_dl: v.optional(flag, false),
  custom_suffix: v.optional(someText),
  tracer: v.optional(someText),
  suvr_reference_region: v.optional(someText),
  dti_measure: v.optional(someText),
  dti_space: v.optional(someText),
  patch_size: v.optional(whole(1), 50),
  stride_size: v.optional(whole(1), 50),
  slice_direction: v.optional(oneOf([0, 1, 2]), 0),
  slice_mode: v.optional(oneOf(["rgb", "single"]), "rgb"),
  discarded_slices: v.optional(discardedSlices),
  num_slices: v.optional(whole(1)),
  roi_list: v.optional(texts),
  uncropped_roi: v.optional(flag, false),
  roi_custom_template: v.optional(someText),
  roi_custom_mask_pattern: v.optional(someText),
  roi_custom_suffix: v.optional(someText),
});

type MapsValues = v.InferOutput<typeof schema>;

/** The first versions of 1.x brought slices to the size of the networks of ImageNet. */
const resizedSlice = 224;

/**
 * Reads the maps.json of any ClinicaDL 1.x.
 * @param name - What to call the file in messages.
 * @throws VoxplainError `invalid-file` naming each key that cannot be understood, or that contradicts another, what was
 * found and what is allowed.
 */
export function parseMaps(json: string, name: string): ParsedSettings {
  const raw = parseOptions(json, name);
  refuseDataGroup(raw, name);
  const { values, isFlat, oddities } = mapsOptions(raw, name);
  const found = checkOptions(schema, values, name);
  const problems = contradictions(found, isFlat);
  if (problems.length > 0) throw severalProblems(problems, name);
  return {
    settings: settingsOf(found, { raw, isFlat, name }),
    oddities: oddities.map((oddity) => `${name}: ${oddity}`),
  };
}

/** The maps.json of a data group has the same name and two keys. */
function refuseDataGroup(raw: Readonly<Record<string, unknown>>, file: string): void {
  const keys = Object.keys(raw);
  if (!keys.includes("caps_directory")) return;
  if (keys.every((key) => key === "caps_directory" || key === "multi_cohort")) {
    throw new VoxplainError("invalid-file", "it describes a data group of a MAPS, not a MAPS", {
      file,
      hint: 'open the model folder, which holds the folder "groups"',
    });
  }
}

interface Origin {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly isFlat: boolean;
  readonly name: string;
}

function settingsOf(found: MapsValues, { raw, isFlat, name }: Origin): TrainingSettings {
  const isReconstruction = found.network_task === "reconstruction";
  const code = Object.entries(found.label_code ?? {});
  return {
    generation: "1.x",
    architecture: found.architecture,
    ...(found.convolutions_dict !== undefined && {
      randomArchitecture: drawnArchitecture(
        {
          key: "convolutions_dict",
          blocks: found.convolutions_dict,
          fullyConnectedBlocks: found.n_fcblocks,
          // Without the key, the default of the program; null means none.
          normalization:
            raw.network_normalization === null ? "none" : (found.network_normalization ?? "BatchNorm"),
        },
        name,
      ),
    }),
    outputSize: typeof found.output_size === "number" ? found.output_size : undefined,
    mode: found.mode,
    networkType: isReconstruction ? "autoencoder" : found.multi_network ? "multicnn" : "cnn",
    task: found.network_task,
    label: isReconstruction
      ? undefined
      : (found.label ?? (found.network_task === "regression" ? "age" : "diagnosis")),
    labelCode: found.network_task === "classification" && code.length > 0 ? new Map(code) : undefined,
    inputDims: found.input_size,
    partCount: found.num_networks,
    ...(found.size_reduction && { sizeReduction: found.size_reduction_factor }),
    images: imagesOf(found, isFlat),
    capsDir: found.caps_directory,
    tsvPath: found.tsv_path,
    diagnoses: found.diagnoses,
    baseline: found.baseline,
    splitCount: found.n_splits,
    split: found.split.length === 0 ? undefined : found.split,
    multiCohort: found.multi_cohort,
    normalize: found.normalize,
    dropout: found.dropout,
    ...partsOf(found, isFlat),
    mergedTsvPath: undefined,
    selectionThreshold: found.selection_threshold,
    thresholdOf: "accuracy",
    selectionMetrics: found.selection_metrics,
    raw,
  };
}

/** The first versions of 1.x name images, their parts and masks as 0.2 does. */
function imagesOf(found: MapsValues, isFlat: boolean): CapsImages {
  const details = {
    tracer: found.tracer,
    suvrReferenceRegion: found.suvr_reference_region,
    dtiMeasure: found.dti_measure,
    dtiSpace: found.dti_space,
    customSuffix: found.custom_suffix,
    maskTemplate: found.roi_custom_template,
    maskPattern: found.roi_custom_mask_pattern,
    maskSuffix: found.roi_custom_suffix,
  } as const;
  const isOf = {
    tracer: "pet-linear",
    suvrReferenceRegion: "pet-linear",
    dtiMeasure: "dwi-dti",
    dtiSpace: "dwi-dti",
    customSuffix: "custom",
    maskTemplate: "custom",
    maskPattern: "custom",
    maskSuffix: "custom",
  } as const satisfies Readonly<Record<keyof typeof details, string>>;
  const { preprocessing } = found;
  const kept = Object.entries(details).filter(
    ([key, value]) => value !== undefined && isOf[key as keyof typeof details] === preprocessing,
  );
  return {
    preprocessing,
    ...(!isFlat && { generation: "1.x" }),
    ...(found.use_uncropped_image && preprocessing !== "custom" && { uncropped: true }),
    ...Object.fromEntries(kept),
  };
}

/** How images are cut. */
function partsOf(found: MapsValues, isFlat: boolean): Pick<TrainingSettings, "patch" | "roi" | "slice"> {
  const extracted = found.prepare_dl;
  switch (found.mode) {
    case "image":
      return {};
    case "patch":
      return { patch: { size: found.patch_size, stride: found.stride_size, extracted } };
    case "roi":
      return { roi: { list: found.roi_list, uncropped: found.uncropped_roi, extracted } };
    case "slice":
      return {
        slice: {
          direction: found.slice_direction,
          discarded: found.discarded_slices ?? (isFlat ? [20, 20] : [0, 0]),
          extracted,
          channels: channelsOf(found, isFlat),
          resized: isFlat,
          ...(found.num_slices !== undefined && { count: found.num_slices }),
        },
      };
  }
}

/** Keys that do not go together. */
function contradictions(found: MapsValues, isFlat: boolean): VoxplainError[] {
  const { input_size: size, mode, preprocessing } = found;
  const problems: VoxplainError[] = [];
  if (preprocessing === "custom" && found.custom_suffix === undefined) {
    problems.push(
      new VoxplainError("invalid-file", '"custom_suffix" is missing', {
        expected: "how the names of the images end",
      }),
    );
  }
  if (found.architecture === "RandomArchitecture" && found.convolutions_dict === undefined) {
    problems.push(
      new VoxplainError("invalid-file", '"convolutions_dict" is missing', {
        expected: "the blocks of the random search",
      }),
    );
  }
  if (mode === "roi" && (found.roi_list === undefined ? !isFlat : found.roi_list.length === 0)) {
    problems.push(
      new VoxplainError("invalid-file", '"roi_list" is missing', { expected: "the names of the regions" }),
    );
  }
  const expected = sizeOfParts(found, isFlat);
  if (
    size !== undefined &&
    expected !== undefined &&
    !(
      size.length === expected.length &&
      expected.every((length, axis) => (length ?? size[axis]) === size[axis])
    )
  ) {
    problems.push(
      new VoxplainError("invalid-file", '"input_size" contradicts how the images are cut', {
        expected: `[${expected.map((length) => length ?? "any").join(", ")}] in mode ${mode}`,
        found: `[${size.join(", ")}]`,
      }),
    );
  }
  return problems;
}

/** Dims of one part, undefined for a length that depends on the image; undefined where any dims will do. */
function sizeOfParts(found: MapsValues, isFlat: boolean): readonly (number | undefined)[] | undefined {
  // Subsampling starts behind the first voxels, which few parts reach: whole images are meant.
  if (found.mode === "image" || found.size_reduction) return undefined;
  if (found.mode === "patch") return [1, found.patch_size, found.patch_size, found.patch_size];
  if (found.mode === "slice") {
    const edge = isFlat ? resizedSlice : undefined;
    return [channelsOf(found, isFlat), edge, edge];
  }
  return [1, undefined, undefined, undefined];
}

/** The first versions of 1.x extract slices of one channel, but never read them. */
function channelsOf({ slice_mode: mode }: MapsValues, isFlat: boolean): 1 | 3 {
  return mode === "single" && !isFlat ? 1 : 3;
}
