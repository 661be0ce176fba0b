/**
 * Keys and values of commandline.json that later versions of ClinicaDL renamed, oldest habits included.
 * Later rows see what earlier rows made.
 */
export interface RetiredKey {
  readonly old: string;
  readonly now: string;
  /** How the value changes with the name. */
  readonly value?: (value: unknown) => unknown;
  /** Whether the old key decides even where the new one is present. */
  readonly prevails?: boolean;
  /** The old key stood for several of now, so it need not agree with each of them. */
  readonly loose?: boolean;
}

const not = (value: unknown) => (typeof value === "boolean" ? !value : value);
/** A flag that stands for a value of another key. */
const whenTrue = (meaning: string) => (value: unknown) => (value === true ? meaning : undefined);

const retiredKeys: readonly RetiredKey[] = [
  { old: "network", now: "model" },
  { old: "input_dir", now: "caps_dir" },
  { old: "diagnosis_path", now: "tsv_path" },
  { old: "minmaxnormalization", now: "unnormalize", value: not },
  { old: "mri_plane", now: "slice_direction" },
  { old: "patch_stride", now: "stride_size" },
  { old: "hippocampus_roi", now: "mode", value: whenTrue("roi"), prevails: true },
  { old: "mode_task", now: "network_type" },
  { old: "train_autoencoder", now: "network_type", value: whenTrue("autoencoder") },
  ...["use_extracted_features", "prepare_dl"].flatMap((old) =>
    ["use_extracted_patches", "use_extracted_roi", "use_extracted_slices"].map((now) => ({
      old,
      now,
      loose: true,
    })),
  ),
];

/** Old values by key; they are replaced before keys are renamed. null: as if the key were absent. */
const retiredValues: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  mode: { subject: "image" },
  network_type: { multi: "multicnn", single: null },
  network_normalization: { None: "none" },
  preprocessing: { linear: "t1-linear", mni: "t1-extensive" },
};

export interface Renamed {
  readonly values: Readonly<Record<string, unknown>>;
  /** Sentences about keys that contradict each other. */
  readonly contradictions: readonly string[];
}

/** Brings the keys and values of any age to the newest names; null counts as absent. */
export function renameRetired(raw: Readonly<Record<string, unknown>>): Renamed {
  const values = new Map<string, unknown>();
  for (const [key, value] of Object.entries(raw)) {
    const newest = modern(key, value);
    if (newest !== null && newest !== undefined) values.set(key, newest);
  }
  const contradictions: string[] = [];
  for (const { old, now, value: convert, prevails, loose } of retiredKeys) {
    const found = values.get(old);
    if (found === undefined) continue;
    const meant = convert === undefined ? found : convert(found);
    if (meant === undefined) continue;
    const present = values.get(now);
    if (present === undefined || prevails) values.set(now, modern(now, meant));
    else if (!loose && !same(present, meant)) {
      contradictions.push(
        `"${old}" (${JSON.stringify(found)}) contradicts "${now}" (${JSON.stringify(raw[now] ?? present)}); the latter is used`,
      );
    }
  }
  return { values: Object.fromEntries(values), contradictions };
}

function modern(key: string, value: unknown): unknown {
  const replacements = Object.hasOwn(retiredValues, key) ? retiredValues[key] : undefined;
  if (typeof value !== "string" || replacements === undefined || !Object.hasOwn(replacements, value)) {
    return value;
  }
  return replacements[value];
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
