/** The fields of `assembly/block.ts`, in its order: four bytes each. */
export const recordFields = [
  "input",
  "channels",
  ...["x", "y", "z"],
  "outputs",
  ...["kernelX", "kernelY", "kernelZ"],
  ...["strideX", "strideY", "strideZ"],
  ...["padX", "padY", "padZ"],
  ...["convX", "convY", "convZ"],
  "pooling",
  ...["windowX", "windowY", "windowZ"],
  ...["stepX", "stepY", "stepZ"],
  ...["beforeX", "beforeY", "beforeZ"],
  ...["zeroX", "zeroY", "zeroZ"],
  ...["zeroAfterX", "zeroAfterY", "zeroAfterZ"],
  ...["outX", "outY", "outZ"],
  "output",
  "codes",
  "weights",
  "bias",
  "slopes",
  "weights64",
  "bias64",
  "slopes64",
  "bounds",
  "front",
  "doubts",
  "backgrounds",
  "table",
  "factors",
  "gradient",
  "gradientChannel",
  "gradientCell",
  "inputGradient",
  "channelsLast",
  "line",
  "convLine",
  "gradientLine",
  "largest",
  "repeats",
  "outputRepeats",
  "point",
] as const;

/** Bytes of a record. */
export const recordBytes = 4 * recordFields.length;

/** Bytes in front of a field of a record. */
export const fieldAt = (name: (typeof recordFields)[number]) => 4 * recordFields.indexOf(name);

/** A record; fields that are not given are 0. */
export const recordOf = (fields: Readonly<Record<string, number>>, names: readonly string[] = recordFields) =>
  Int32Array.from(names, (name) => fields[name] ?? 0);

/** The fields of `Part` in `assembly/relevance.ts`, in its order. */
export const partFields = [
  "block",
  "weights",
  "bias",
  "lows",
  "highs",
  "isUsed",
  "isOwn",
  "constants",
  "gradient",
  "target",
  "isAdded",
] as const;

/** The fields of `Share` there; "factor" and "epsilon" are float32. */
export const shareFields = [
  "relevance",
  "quotients",
  "factor",
  "epsilon",
  "condition",
  "test",
  "parts",
  "count",
] as const;

/** The fields of `Ray` in `assembly/ray.ts`, in its order. */
export const rayFields = ["block", "maxima", "positions", "sums"] as const;
