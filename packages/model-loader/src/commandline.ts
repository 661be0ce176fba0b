import { VoxplainError } from "@voxplain/core";
import * as v from "valibot";

/** How a network was trained, under the newest names, whatever the age of its commandline.json. */
export interface TrainingSettings {
  /** undefined for the networks of the random search, which `randomArchitecture` describes. */
  readonly architecture: string | undefined;
  readonly randomArchitecture: RandomArchitecture | undefined;
  readonly mode: "image" | "patch" | "roi" | "slice";
  readonly networkType: "cnn" | "multicnn" | "autoencoder";
  readonly preprocessing: string;
  /** Min-max normalisation of the input. */
  readonly normalize: boolean;
  readonly capsDir: string | undefined;
  readonly tsvPath: string | undefined;
  readonly diagnoses: readonly string[];
  readonly baseline: boolean;
  /** 0 where there was no cross-validation. */
  readonly splitCount: number;
  readonly multiCohort: boolean;
  readonly patchSize: number | undefined;
  readonly strideSize: number | undefined;
  readonly roiList: readonly string[] | undefined;
  readonly uncroppedRoi: boolean;
  /** 0 sagittal, 1 coronal, 2 axial. */
  readonly sliceDirection: number;
  /** Planes left out at the start and at the end. */
  readonly discardedSlices: readonly [number, number];
  readonly useExtracted: boolean;
  readonly atlasIntensities: readonly string[];
  readonly selectionThreshold: number | undefined;
  /** The object as it stands in the file. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A network of the random search: ClinicaDL's description of its blocks. */
export interface RandomArchitecture {
  readonly convolutions: readonly RandomBlock[];
  readonly fullyConnectedBlocks: number;
  readonly normalization: "BatchNorm" | "InstanceNorm" | "none";
}

export interface RandomBlock {
  /** Its key in the file and in the state dict: "conv0". */
  readonly name: string;
  /** undefined: the channels of the input. */
  readonly inChannels: number | undefined;
  readonly outChannels: number;
  readonly convolutionCount: number;
  readonly reduction: "MaxPooling" | "stride";
}

/** Older names of a key, newest first. */
const olderNames: Readonly<Record<string, readonly string[]>> = {
  model: ["network"],
  network_type: ["mode_task"],
  caps_dir: ["input_dir"],
  stride_size: ["patch_stride"],
  slice_direction: ["mri_plane"],
  discarded_slices: ["discarded_sliced"],
};

/** Older values of a key. */
const olderValues: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  mode: { subject: "image" },
  preprocessing: { linear: "t1-linear", mni: "t1-extensive" },
  network_type: { multi: "multicnn" },
};

const optional = <T extends v.GenericSchema>(schema: T) => v.optional(v.nullable(schema));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.string();

const block = v.object({
  in_channels: optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  out_channels: v.pipe(v.number(), v.integer(), v.minValue(1)),
  n_conv: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
  d_reduction: v.picklist(["MaxPooling", "stride"]),
});

/** What is read of the file, after renaming; other keys are kept and ignored. */
const schema = v.object({
  model: optional(text),
  mode: v.optional(v.picklist(["image", "patch", "roi", "slice"]), "image"),
  network_type: v.picklist(["cnn", "multicnn", "autoencoder"]),
  preprocessing: v.optional(text, "t1-linear"),
  caps_dir: optional(text),
  tsv_path: optional(text),
  diagnoses: v.optional(
    v.union([
      v.array(text),
      v.pipe(
        text,
        v.transform((one) => [one]),
      ),
    ]),
    ["AD", "CN"],
  ),
  baseline: v.optional(v.nullable(v.boolean()), false),
  n_splits: optional(count),
  multi_cohort: v.optional(v.nullable(v.boolean()), false),
  unnormalize: v.optional(v.nullable(v.boolean()), false),
  patch_size: optional(count),
  stride_size: optional(count),
  roi_list: optional(v.array(text)),
  uncropped_roi: v.optional(v.nullable(v.boolean()), false),
  slice_direction: v.optional(v.picklist([0, 1, 2]), 0),
  discarded_slices: v.optional(v.union([count, v.pipe(v.array(count), v.minLength(1), v.maxLength(2))]), 20),
  use_extracted: v.optional(v.boolean(), false),
  predict_atlas_intensities: optional(v.array(text)),
  selection_threshold: optional(v.number()),
  convolutions: optional(v.record(text, block)),
  n_fcblocks: optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
  network_normalization: v.optional(v.nullable(v.picklist(["BatchNorm", "InstanceNorm"])), "BatchNorm"),
});

/**
 * Reads the commandline.json of any ClinicaDL 0.x training.
 * @param name the file, for messages.
 * @throws VoxplainError `invalid-file` naming the key, what it holds and what it may hold.
 */
export function parseCommandLine(json: string, name: string): TrainingSettings {
  const raw = parseObject(json, name);
  const result = v.safeParse(schema, renamed(raw));
  if (!result.success) {
    const [issue] = result.issues;
    const key = v.getDotPath(issue) ?? "";
    throw new VoxplainError(
      "invalid-file",
      `${name}: "${key}" is ${issue.received}, but should be ${issue.expected ?? "something else"}`,
    );
  }
  const found = result.output;
  return {
    architecture: found.model ?? undefined,
    randomArchitecture: found.model ? undefined : randomArchitecture(found, name),
    mode: found.mode,
    networkType: found.network_type,
    preprocessing: found.preprocessing,
    normalize: !found.unnormalize,
    capsDir: found.caps_dir || undefined,
    tsvPath: found.tsv_path || undefined,
    diagnoses: found.diagnoses,
    baseline: found.baseline ?? false,
    splitCount: found.n_splits ?? 0,
    multiCohort: found.multi_cohort ?? false,
    patchSize: found.patch_size ?? undefined,
    strideSize: found.stride_size ?? undefined,
    roiList: found.roi_list ?? undefined,
    uncroppedRoi: found.uncropped_roi ?? false,
    sliceDirection: found.slice_direction,
    discardedSlices: bothEnds(found.discarded_slices),
    useExtracted: found.use_extracted,
    atlasIntensities: found.predict_atlas_intensities ?? [],
    selectionThreshold: found.selection_threshold ?? undefined,
    raw,
  };
}

function parseObject(json: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new VoxplainError(
      "invalid-file",
      `${name} is no JSON: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new VoxplainError("invalid-file", `${name} should hold a JSON object`);
  }
  return value as Record<string, unknown>;
}

/** The newest names and values for what older versions wrote. */
function renamed(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const object: Record<string, unknown> = { ...raw };
  for (const [key, older] of Object.entries(olderNames)) {
    if (object[key] !== undefined) continue;
    const found = older.find((name) => raw[name] !== undefined);
    if (found !== undefined) object[key] = raw[found];
  }
  for (const [key, values] of Object.entries(olderValues)) {
    const value = object[key];
    if (typeof value === "string" && Object.hasOwn(values, value)) object[key] = values[value];
  }
  if (raw.hippocampus_roi === true) object.mode = "roi";
  object.network_type ??= raw.train_autoencoder ? "autoencoder" : "cnn";
  if (raw.unnormalize === undefined && typeof raw.minmaxnormalization === "boolean") {
    object.unnormalize = !raw.minmaxnormalization;
  }
  const plural: Readonly<Record<string, string>> = { patch: "patches", slice: "slices", roi: "roi" };
  const flag = raw[`use_extracted_${plural[String(object.mode)]}`] ?? raw.use_extracted_features;
  if (typeof flag === "boolean") object.use_extracted = flag;
  // Written by the random search where a network has no normalisation.
  if (object.network_normalization === "None") object.network_normalization = null;
  return object;
}

function randomArchitecture(
  found: v.InferOutput<typeof schema>,
  name: string,
): RandomArchitecture | undefined {
  if (found.network_type === "autoencoder" && !found.convolutions) return undefined;
  if (!found.convolutions) {
    throw new VoxplainError(
      "invalid-file",
      `${name} names no architecture: it has neither "model" nor "convolutions"`,
    );
  }
  if (!found.n_fcblocks) {
    throw new VoxplainError("invalid-file", `${name} describes a random-search network without "n_fcblocks"`);
  }
  return {
    convolutions: Object.entries(found.convolutions).map(([key, settings]) => ({
      name: key,
      inChannels: settings.in_channels ?? undefined,
      outChannels: settings.out_channels,
      convolutionCount: settings.n_conv,
      reduction: settings.d_reduction,
    })),
    fullyConnectedBlocks: found.n_fcblocks,
    normalization: found.network_normalization ?? "none",
  };
}

function bothEnds(discarded: number | readonly number[]): readonly [number, number] {
  if (typeof discarded === "number") return [discarded, discarded];
  return [discarded[0]!, discarded[1] ?? discarded[0]!];
}
