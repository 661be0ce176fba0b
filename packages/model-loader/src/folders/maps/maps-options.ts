import { isObject, VoxplainError } from "@voxplain/core";

/** Keys of maps.json that ClinicaDL 1.x renamed; it believes the old one where both are there. */
const renamed: Readonly<Record<string, string>> = {
  model: "architecture",
  multi: "multi_network",
  minmaxnormalization: "normalize",
};

/** Those of "preprocessing_dict": its keys are at the top level in files of 1.0.0 and 1.0.1. */
const renamedOfImages: Readonly<Record<string, string>> = {
  acq_label: "tracer",
  measure: "dti_measure",
  space: "dti_space",
};

const keysOfImages = [
  ...["preprocessing", "mode", "use_uncropped_image", "prepare_dl", "custom_suffix"],
  ...["tracer", "suvr_reference_region", "dti_measure", "dti_space"],
  ...["patch_size", "stride_size", "slice_direction", "slice_mode", "discarded_slices", "num_slices"],
  ...["roi_list", "uncropped_roi", "roi_custom_template", "roi_custom_mask_pattern", "roi_custom_suffix"],
  ...Object.keys(renamedOfImages),
] as const;

/** Options of maps.json under their newest names; null counts as absent. */
export interface MapsOptions {
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether "preprocessing_dict" is missing, as in files of 1.0.0 and 1.0.1. */
  readonly isFlat: boolean;
  /** Sentences about keys that contradict each other. */
  readonly oddities: readonly string[];
}

/**
 * Brings the keys of any age to one object.
 * @throws VoxplainError `invalid-file` where "preprocessing_dict" is no object, or has another mode than the file.
 */
export function mapsOptions(raw: Readonly<Record<string, unknown>>, file: string): MapsOptions {
  const ofImages = raw.preprocessing_dict ?? undefined;
  if (ofImages !== undefined && !isObject(ofImages)) {
    throw new VoxplainError("invalid-file", 'invalid value of "preprocessing_dict"', {
      file,
      expected: "an object of options",
      found: JSON.stringify(ofImages),
    });
  }
  refuseTwoModes(raw.mode, ofImages?.mode, file);
  const oddities: string[] = [];
  const top = underNewNames(raw, renamed, oddities);
  const images = new Map<string, unknown>();
  for (const key of keysOfImages) {
    const value = ofImages?.[key] ?? raw[key];
    if (value !== undefined && value !== null) images.set(key, value);
  }
  const values = new Map([...top, ...underNewNames(Object.fromEntries(images), renamedOfImages, oddities)]);
  return { values: Object.fromEntries(values), isFlat: ofImages === undefined, oddities };
}

function refuseTwoModes(mode: unknown, ofImages: unknown, file: string): void {
  if (typeof mode !== "string" || typeof ofImages !== "string" || mode === ofImages) return;
  throw new VoxplainError("invalid-file", '"mode" contradicts "preprocessing_dict.mode"', {
    file,
    expected: JSON.stringify(ofImages),
    found: JSON.stringify(mode),
  });
}

function underNewNames(
  options: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, string>>,
  oddities: string[],
): Map<string, unknown> {
  const values = new Map(Object.entries(options).filter(([, value]) => value !== null));
  for (const [old, now] of Object.entries(names)) {
    const meant = values.get(old);
    if (meant === undefined) continue;
    const present = values.get(now);
    if (present !== undefined && JSON.stringify(present) !== JSON.stringify(meant)) {
      oddities.push(
        `"${old}" (${JSON.stringify(meant)}) contradicts "${now}" (${JSON.stringify(present)}); the former is used, as ClinicaDL does`,
      );
    }
    values.set(now, meant);
  }
  return values;
}
