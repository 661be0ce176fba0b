import type { AttributeValue } from "@voxplain/onnx-graph";
import type { CaseGraph, GradientCase } from "./case.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;

interface Target {
  readonly scales?: readonly number[];
  readonly sizes?: readonly number[];
  readonly region?: readonly number[];
}

function resize(
  name: string,
  dims: GradientCase["inputs"][number],
  { scales, sizes, region }: Target,
  attributes: Attributes,
  opset = 19,
): GradientCase {
  const settings = (g: CaseGraph) => [
    region ? g.floats(region) : "",
    scales ? g.floats(scales) : "",
    ...(sizes ? [g.int64(sizes)] : []),
  ];
  return {
    name: `Resize ${name}`,
    opset,
    inputs: [dims],
    build: (g, [x]) => g.node("Resize", [x!, ...settings(g)], attributes),
  };
}

const coordinateModes = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
  "tf_crop_and_resize",
];

const methods: readonly Attributes[] = [
  { mode: "nearest", nearest_mode: "round_prefer_floor" },
  { mode: "nearest", nearest_mode: "round_prefer_ceil" },
  { mode: "nearest", nearest_mode: "floor" },
  { mode: "nearest", nearest_mode: "ceil" },
  { mode: "linear" },
  { mode: "linear", antialias: 1 },
  { mode: "linear", antialias: 1, exclude_outside: 1 },
  { mode: "cubic" },
  { mode: "cubic", cubic_coeff_a: -0.5, exclude_outside: 1 },
  { mode: "cubic", antialias: 1 },
  { mode: "cubic", antialias: 1, exclude_outside: 1 },
];

function named(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([key, value]) => (key === "mode" ? value : `${key} ${value}`))
    .join(", ");
}

/** One axis becomes longer, the other one shorter. */
const everyMethod = coordinateModes.flatMap((coordinates) =>
  methods.map((method) => {
    const region = coordinates === "tf_crop_and_resize" ? { region: [0, 0, 0.1, -0.2, 1, 1, 0.8, 1.1] } : {};
    return resize(
      `${named(method)}, ${coordinates}`,
      ["2n", 1, 5, 7],
      { scales: [1, 1, 1.7, 0.6], ...region },
      { ...method, coordinate_transformation_mode: coordinates, extrapolation_value: 1.5 },
    );
  }),
);

export const resizingCases: readonly GradientCase[] = [
  ...everyMethod,
  resize("1D, linear to a size", [2, 3, 5], { sizes: [2, 3, 8] }, { mode: "linear" }),
  resize("1D, nearest to a size", [2, 2, 7], { sizes: [2, 2, 4] }, { nearest_mode: "ceil" }),
  resize(
    "3D, linear, aligned at the corners",
    ["2n", 1, 3, 4, 5],
    { scales: [1, 1, 2, 1.5, 0.7] },
    { mode: "linear", coordinate_transformation_mode: "align_corners" },
    13,
  ),
  resize("3D, linear to a size", [1, 2, 3, 4, 5], { sizes: [1, 2, 5, 3, 4] }, { mode: "linear" }, 13),
  resize("3D, nearest by no whole number", ["2n", 2, 3, 4, 5], { scales: [1, 1, 1.5, 0.5, 2] }, {}, 13),
  resize(
    "3D, copies of each element",
    ["2n", 2, 2, 3, 2],
    { scales: [1, 1, 2, 1, 3] },
    { coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" },
  ),
  resize("2D, copies of each element by their middles", ["2n", 2, 3, 4], { scales: [1, 1, 3, 2] }, {}),
  resize(
    "2D of one element, as PyTorch does it",
    ["2n", 2, 1, 5],
    { scales: [1, 1, 3, 0.2] },
    { mode: "linear", coordinate_transformation_mode: "pytorch_half_pixel" },
  ),
  resize("of two axes", ["2n", 2, 5, 4], { scales: [1.5, 0.6] }, { mode: "linear", axes: [2, 3] }),
  resize(
    "that is not larger",
    ["2n", 2, 5, 7],
    { sizes: [8, 9] },
    { mode: "linear", axes: [2, 3], keep_aspect_ratio_policy: "not_larger" },
  ),
  resize(
    "that is not smaller",
    ["2n", 2, 5, 7],
    { sizes: [3, 6] },
    { mode: "cubic", axes: [2, 3], keep_aspect_ratio_policy: "not_smaller" },
  ),
  resize("of channels last", ["2n", 3, 5, 2], { scales: [1, 2.5, 0.7, 1] }, { mode: "linear" }),
  resize("of a matrix", [4, 5], { scales: [1.5, 0.7] }, { mode: "cubic" }),
  resize("that keeps the shape", ["2n", 2, 5, 7], { scales: [1, 1, 1.1, 1.1] }, { mode: "nearest" }),
];
