import {
  type Attributes,
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "@voxplain/onnx-graph";
import { at, generate, positions } from "./array.ts";
import { type Call, fromFront, type Kernel, numbersOf } from "./kernel.ts";

interface Axis {
  readonly length: number;
  readonly resized: number;
  readonly scale: number;
  readonly start: number;
  readonly end: number;
}

/** Each element is the sum of all elements, weighted by the product of a kernel's values along the axes. */
const resize: Kernel = (call) => {
  const x = call.x[0]!;
  const axes = axesOf(call);
  // ONNX Runtime does not look at scales that change no length.
  if (axes.every(({ length, resized }) => length === resized)) return [x];
  const extrapolated = floatAttribute(call.attributes, "extrapolation_value", 0);
  const weights = axes.map((axis) => Array.from({ length: axis.resized }, (_, k) => row(call, axis, k)));
  const y = axes.map(({ resized }) => resized);
  return [
    generate(y, (target) => {
      const rows = target.map((k, axis) => weights[axis]![k]);
      if (rows.some((each) => each === undefined)) return extrapolated;
      let sum = 0;
      for (const source of positions(x.dims)) {
        const weight = source.reduce((product, index, axis) => product * rows[axis]![index]!, 1);
        if (weight !== 0) sum += weight * at(x, source);
      }
      return sum;
    }),
  ];
};

function axesOf({ x: [x, ...settings], attributes }: Call): readonly Axis[] {
  const dims = x!.dims;
  const along = intsAttribute(attributes, "axes", [...dims.keys()]).map((axis) =>
    fromFront(axis, dims.length),
  );
  const [roi, scales, sizes] = settings.map(numbersOf);
  const ratios = sizes?.map((size, k) => size / dims[along[k]!]!) ?? [];
  const policy = stringAttribute(attributes, "keep_aspect_ratio_policy", "stretch");
  const common = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return dims.map((length, axis) => {
    const k = along.indexOf(axis);
    if (k < 0) return { length, resized: length, scale: 1, start: 0, end: 1 };
    const scale = scales?.length ? scales[k]! : policy === "stretch" ? ratios[k]! : common;
    const resized = scales?.length
      ? Math.floor(length * scale + 1e-6)
      : policy === "stretch"
        ? sizes![k]!
        : Math.round(length * scale);
    return { length, resized, scale, start: roi?.[k] ?? 0, end: roi?.[k + along.length] ?? 1 };
  });
}

/** undefined where the place lies outside and is extrapolated. */
function row({ attributes }: Call, axis: Axis, k: number): readonly number[] | undefined {
  const coordinates = stringAttribute(attributes, "coordinate_transformation_mode", "half_pixel");
  const place = placeOf(coordinates, axis, k);
  if (coordinates === "tf_crop_and_resize" && (place < 0 || place > axis.length - 1)) return undefined;
  const weights = new Array<number>(axis.length).fill(0);
  const mode = stringAttribute(attributes, "mode", "nearest");
  if (mode === "nearest") {
    const rounding = stringAttribute(attributes, "nearest_mode", "round_prefer_floor");
    weights[clamp(round(rounding, place), axis)] = 1;
    return weights;
  }
  const stretch = intAttribute(attributes, "antialias", 0) === 1 ? Math.max(1, 1 / axis.scale) : 1;
  const kernel = mode === "linear" ? hat : cubic(attributes);
  const outside = intAttribute(attributes, "exclude_outside", 0) === 0;
  const reach = Math.ceil(2 * stretch) + 2;
  for (let index = Math.floor(place) - reach; index <= place + reach; index++) {
    const isInside = index >= 0 && index < axis.length;
    if (isInside || outside) weights[clamp(index, axis)]! += kernel((index - place) / stretch);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function placeOf(mode: string, { length, resized, scale, start, end }: Axis, k: number): number {
  const places: Record<string, number> = {
    half_pixel: (k + 0.5) / scale - 0.5,
    half_pixel_symmetric: (length / 2) * (1 - resized / (scale * length)) + (k + 0.5) / scale - 0.5,
    pytorch_half_pixel: resized > 1 ? (k + 0.5) / scale - 0.5 : 0,
    align_corners: resized > 1 ? (k * (length - 1)) / (resized - 1) : 0,
    asymmetric: k / scale,
    tf_crop_and_resize:
      resized > 1
        ? start * (length - 1) + (k * (end - start) * (length - 1)) / (resized - 1)
        : ((start + end) * (length - 1)) / 2,
  };
  return places[mode]!;
}

/** Float64 and float32 agree on places that are not in the middle. */
function round(mode: string, place: number): number {
  if (mode === "floor") return Math.floor(place + 1e-6);
  if (mode === "ceil") return Math.ceil(place - 1e-6);
  return mode === "round_prefer_floor" ? Math.ceil(place - 0.5 - 1e-6) : Math.floor(place + 0.5 + 1e-6);
}

function clamp(index: number, { length }: Axis): number {
  return Math.min(Math.max(index, 0), length - 1);
}

function hat(distance: number): number {
  return Math.max(0, 1 - Math.abs(distance));
}

function cubic(attributes: Attributes): (distance: number) => number {
  const a = floatAttribute(attributes, "cubic_coeff_a", -0.75);
  return (distance) => {
    const d = Math.abs(distance);
    if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
    return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
  };
}

export const resizingKernels: Readonly<Record<string, Kernel>> = { Resize: resize };
