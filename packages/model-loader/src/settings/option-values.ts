import * as v from "valibot";

/** Blocks and layers beyond this are no network, but an attempt to keep the reader busy. */
export const mostLayers = 1000;

const largest = 2 ** 31 - 1;

export const text = v.string("text");
export const flag = v.boolean("true or false");
export const fraction = v.number("a number");

export const texts = v.pipe(
  v.union([v.array(text), text], "a list of texts"),
  v.transform((value) => (typeof value === "string" ? [value] : value)),
);

export const oneOf = <const T extends readonly (string | number)[]>(allowed: T) =>
  v.picklist(allowed, `one of ${allowed.map((value) => JSON.stringify(value)).join(", ")}`);

export const whole = (least: number, most = largest) => {
  const range =
    most === largest ? `a whole number from ${least} on` : `a whole number from ${least} to ${most}`;
  return v.pipe(v.number(range), v.integer(range), v.minValue(least, range), v.maxValue(most, range));
};

export const wholes = v.pipe(
  v.union([v.array(whole(0)), whole(0)], "a whole number or a list of them"),
  v.transform((value) => (typeof value === "number" ? [value] : value)),
);

/** Planes that are left out: at both ends, or at the beginning and at the end. */
export const discardedSlices = v.pipe(
  wholes,
  v.minLength(1, "one or two whole numbers"),
  v.maxLength(2, "one or two whole numbers"),
  v.transform(([first = 0, second = first]): [number, number] => [first, second]),
);

export const rate = v.union([fraction, v.nan()], "a number");

const block = v.object(
  {
    in_channels: v.nullish(whole(1)),
    out_channels: whole(1),
    n_conv: whole(1, mostLayers),
    d_reduction: oneOf(["MaxPooling", "stride"]),
  },
  "an object with in_channels, out_channels, n_conv and d_reduction",
);

/** The blocks of a random search, in their order. */
export const convolutionBlocks = v.record(
  v.pipe(v.string(), v.regex(/^conv\d{1,6}$/, "named conv0, conv1, …")),
  block,
  "an object of blocks",
);

export const normalizations = oneOf(["BatchNorm", "InstanceNorm", "none"]);
