import { errorAt, VoxplainError } from "@voxplain/core";
import * as v from "valibot";
import { parsePythonJson } from "./python-json.ts";
import { renameRetired } from "./retired-names.ts";
import { modes, networkTypes, type RandomArchitectureSettings, type TrainingSettings } from "./settings.ts";

/** Blocks and layers beyond this are no network, but an attempt to keep the reader busy. */
const mostLayers = 1000;

const text = v.string("text");
const flag = v.boolean("true or false");
const fraction = v.number("a number");
const texts = v.pipe(
  v.union([v.array(text), text], "a list of texts"),
  v.transform((value) => (typeof value === "string" ? [value] : value)),
);
const oneOf = <const T extends readonly (string | number)[]>(allowed: T) =>
  v.picklist(allowed, `one of ${allowed.map((value) => JSON.stringify(value)).join(", ")}`);
const whole = (least: number, most = 2 ** 31 - 1) => {
  const range =
    most === 2 ** 31 - 1 ? `a whole number from ${least} on` : `a whole number from ${least} to ${most}`;
  return v.pipe(v.number(range), v.integer(range), v.minValue(least, range), v.maxValue(most, range));
};
const wholes = v.pipe(
  v.union([v.array(whole(0)), whole(0)], "a whole number or a list of them"),
  v.transform((value) => (typeof value === "number" ? [value] : value)),
);

const block = v.object(
  {
    in_channels: v.nullish(whole(1)),
    out_channels: whole(1),
    n_conv: whole(1, mostLayers),
    d_reduction: oneOf(["MaxPooling", "stride"]),
  },
  "an object with in_channels, out_channels, n_conv and d_reduction",
);

/** The keys that matter, under their newest names; null was taken out before. Others are ignored. */
const schema = v.object({
  model: v.optional(text),
  mode: oneOf(modes),
  network_type: v.optional(oneOf(networkTypes), "cnn"),
  preprocessing: oneOf(["t1-linear", "t1-linear-downsampled", "t1-extensive", "t1-volume", "shepplogan"]),
  caps_dir: v.optional(text),
  tsv_path: v.optional(text),
  diagnoses: v.optional(texts, []),
  baseline: v.optional(flag, false),
  n_splits: v.optional(whole(0), 0),
  split: v.optional(wholes),
  multi_cohort: v.optional(flag, false),
  unnormalize: v.optional(flag, false),
  dropout: v.optional(v.union([fraction, v.nan()], "a number")),
  patch_size: v.optional(whole(1), 50),
  stride_size: v.optional(whole(1), 50),
  use_extracted_patches: v.optional(flag, false),
  roi_list: v.optional(texts),
  uncropped_roi: v.optional(flag, false),
  use_extracted_roi: v.optional(flag, false),
  slice_direction: v.optional(oneOf([0, 1, 2]), 0),
  discarded_slices: v.optional(
    v.pipe(wholes, v.minLength(1, "one or two whole numbers"), v.maxLength(2, "one or two whole numbers")),
    [20],
  ),
  use_extracted_slices: v.optional(flag, false),
  predict_atlas_intensities: v.optional(texts),
  merged_tsv_path: v.optional(text),
  selection_threshold: v.optional(fraction),
  convolutions: v.optional(
    v.record(
      v.pipe(v.string(), v.regex(/^conv\d{1,6}$/, "named conv0, conv1, …")),
      block,
      "an object of blocks",
    ),
  ),
  n_fcblocks: v.optional(whole(1, mostLayers)),
  network_normalization: v.optional(oneOf(["BatchNorm", "InstanceNorm", "none"])),
});

/** What a commandline.json says. */
export interface ParsedCommandline {
  /** Under today's names, whatever the age of the file. */
  readonly settings: TrainingSettings;
  /** Sentences about what is odd, but can be lived with. */
  readonly oddities: readonly string[];
}

/**
 * Reads a commandline.json of any ClinicaDL 0.x.
 * @param name What to call the file in messages.
 * @throws VoxplainError `invalid-file` naming each key that cannot be understood, what was found and
 * what is allowed.
 */
export function parseCommandline(json: string, name: string): ParsedCommandline {
  const raw = parseObject(json, name);
  const { values, contradictions } = renameRetired(raw);
  const parsed = v.safeParse(schema, values);
  if (!parsed.success) {
    throw keyErrors(parsed.issues, name);
  }
  const found = parsed.output;
  const described = found.model !== undefined || found.convolutions !== undefined;
  if (!described && found.network_type !== "autoencoder") {
    throw new VoxplainError(
      "invalid-file",
      'the architecture is missing: there is neither "model" (or the older "network") nor "convolutions" of a random search',
      { file: name },
    );
  }
  const [first = 20, second = first] = found.discarded_slices;
  // Without the key, networks of the first random searches were normalised too; null means none.
  const normalization =
    "network_normalization" in raw && raw.network_normalization === null ? "none" : undefined;
  const settings: TrainingSettings = {
    architecture: found.model,
    ...(found.model === undefined &&
      found.convolutions !== undefined && {
        randomArchitecture: randomArchitecture(found, normalization, name),
      }),
    predictAtlasIntensities: found.predict_atlas_intensities,
    mode: found.mode,
    networkType: found.network_type,
    preprocessing: found.preprocessing,
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
        discarded: [first, second],
        extracted: found.use_extracted_slices,
        channels: 3,
        resized: true,
      },
    }),
    mergedTsvPath: found.merged_tsv_path || undefined,
    selectionThreshold: found.selection_threshold,
    raw,
  };
  return { settings, oddities: contradictions.map((contradiction) => `${name}: ${contradiction}`) };
}

function parseObject(json: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parsePythonJson(json.replace(/^\uFEFF/, ""));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VoxplainError("invalid-file", `it is not valid JSON: ${reason}`, { file: name, cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new VoxplainError("invalid-file", "it is not a JSON object of options", { file: name });
  }
  return value as Record<string, unknown>;
}

function randomArchitecture(
  found: v.InferOutput<typeof schema>,
  normalization: "none" | undefined,
  name: string,
): RandomArchitectureSettings {
  const blocks = Object.entries(found.convolutions ?? {});
  if (blocks.length === 0 || blocks.length > mostLayers) {
    throw new VoxplainError("invalid-file", 'wrong number of blocks in "convolutions"', {
      file: name,
      expected: `1 to ${mostLayers}`,
      found: String(blocks.length),
    });
  }
  if (found.n_fcblocks === undefined) {
    throw new VoxplainError("invalid-file", '"n_fcblocks" is missing beside "convolutions"', { file: name });
  }
  return {
    convolutions: blocks.map(([key, value]) => ({
      name: key,
      inChannels: value.in_channels ?? undefined,
      outChannels: value.out_channels,
      convolutionCount: value.n_conv,
      reduction: value.d_reduction,
    })),
    fullyConnectedBlocks: found.n_fcblocks,
    normalization: normalization ?? found.network_normalization ?? "BatchNorm",
  };
}

/** One error for all keys that are wrong. */
function keyErrors(issues: readonly v.BaseIssue<unknown>[], file: string): VoxplainError {
  const [first, ...others] = issues.map(keyError);
  if (first !== undefined && others.length === 0) return errorAt(first, { file });
  const problems = issues.map(keyError);
  return new VoxplainError("invalid-file", problems.map(({ message }) => message).join("; "), {
    file,
    problems: problems.map((problem) => errorAt(problem, { file })),
  });
}

function keyError(issue: v.BaseIssue<unknown>): VoxplainError {
  const key = `"${v.getDotPath(issue) ?? ""}"`;
  const allowed = issue.message.startsWith("Invalid key") ? issue.expected : issue.message;
  if (issue.input === undefined) {
    return new VoxplainError("invalid-file", `${key} is missing`, { expected: allowedOf(issue, allowed) });
  }
  const isNumber = typeof issue.input === "number";
  const found = isNumber ? String(issue.input) : (JSON.stringify(issue.input) ?? String(issue.input));
  return new VoxplainError("invalid-file", `invalid value of ${key}`, {
    expected: allowed ?? "another value",
    found: found.length > 80 ? `${found.slice(0, 80)}…` : found,
  });
}

/** A missing key is reported without its schema's own words. */
function allowedOf(issue: v.BaseIssue<unknown>, fallback: string | null): string {
  const key = v.getDotPath(issue) ?? "";
  const entry = Object.hasOwn(schema.entries, key)
    ? schema.entries[key as keyof typeof schema.entries]
    : undefined;
  const message = entry && "message" in entry ? entry.message : undefined;
  return typeof message === "string" ? message : (fallback ?? "there");
}
