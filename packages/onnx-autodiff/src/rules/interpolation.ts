/** How the elements of a resized axis are taken from those of the axis. */
export interface Interpolation {
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates: string;
  readonly nearestMode: string;
  readonly cubicCoefficient: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}

export interface ResizedAxis {
  readonly length: number;
  readonly resized: number;
  readonly scale: number;
  /** Region of interest, as shares of the axis; only for tf_crop_and_resize. */
  readonly start: number;
  readonly end: number;
}

/** One element of the axis, and how much of it there is in an element of the resized axis. */
export interface Tap {
  readonly index: number;
  readonly weight: number;
}

/**
 * The taps of every element of a resized axis; none where tf_crop_and_resize extrapolates. What
 * rounding decides, it decides in float32 as in ONNX Runtime.
 * Source: Resize in ONNX's operator specification.
 * @throws RangeError for a mode that is not known.
 */
export function tapsOf(method: Interpolation, axis: ResizedAxis): readonly (readonly Tap[])[] {
  const tapsAt = method.antialias ? antialiasedTaps : plainTaps[method.mode];
  return Array.from({ length: axis.resized }, (_, k) => {
    const inFloat32 = positionOf(method.coordinates, axis, k, Math.fround);
    const isOutside = inFloat32 < 0 || inFloat32 > axis.length - 1;
    if (isOutside && method.coordinates === "tf_crop_and_resize") return [];
    const position = method.mode === "nearest" ? inFloat32 : positionOf(method.coordinates, axis, k, exact);
    return merged(tapsAt(position, axis, method));
  });
}

const exact = (value: number) => value;

type TapsAt = (position: number, axis: ResizedAxis, method: Interpolation) => readonly Tap[];

/** Where the k-th element of the resized axis lies on the axis; `round` is applied to every result on the way. */
function positionOf(
  mode: string,
  { length, resized, scale: exactScale, start, end }: ResizedAxis,
  k: number,
  round: (value: number) => number,
): number {
  const scale = round(exactScale);
  const last = length - 1;
  switch (mode) {
    case "half_pixel":
      return round(round((k + 0.5) / scale) - 0.5);
    case "half_pixel_symmetric": {
      const adjustment = round(resized / round(scale * length));
      // ONNX Runtime has float64 here.
      return round(round((length / 2) * round(1 - adjustment)) + (k + 0.5) / scale - 0.5);
    }
    case "pytorch_half_pixel":
      return resized > 1 ? round(round((k + 0.5) / scale) - 0.5) : 0;
    case "align_corners":
      return resized > 1 ? round(round(k * last) / (resized - 1)) : 0;
    case "asymmetric":
      return round(k / scale);
    case "tf_half_pixel_for_nn":
      return round((k + 0.5) / scale);
    case "tf_crop_and_resize": {
      const [from, to] = [round(start), round(end)];
      if (resized === 1) return round(0.5 * round(from + to) * last);
      const along = round(round(round(k * round(to - from)) * last) / (resized - 1));
      return round(round(from * last) + along);
    }
    default:
      throw new RangeError(`its coordinate_transformation_mode "${mode}" is not known`);
  }
}

const nearest: TapsAt = (position, { length }, { nearestMode }) => [
  { index: clamped(rounded(nearestMode, position), length), weight: 1 },
];

/** What is as close as this to the middle between two elements counts as the middle in ONNX Runtime 1.30. */
const tieTolerance = 1e-6;

function rounded(mode: string, position: number): number {
  switch (mode) {
    case "round_prefer_floor":
      return Math.ceil(position - 0.5 - tieTolerance);
    case "round_prefer_ceil":
      return Math.floor(position + 0.5 + tieTolerance);
    case "floor":
      return Math.floor(position);
    case "ceil":
      return Math.ceil(position);
    default:
      throw new RangeError(`its nearest_mode "${mode}" is not known`);
  }
}

const linear: TapsAt = (position, { length }) => {
  const inside = Math.min(Math.max(position, 0), length - 1);
  const index = Math.floor(inside);
  const share = inside - index;
  return [
    { index, weight: 1 - share },
    { index: clamped(index + 1, length), weight: share },
  ];
};

const cubic: TapsAt = (position, { length }, { cubicCoefficient, excludeOutside }) => {
  const first = Math.floor(position) - 1;
  const taps = [0, 1, 2, 3].map((k) => ({
    index: first + k,
    weight: cubicWeight(first + k - position, cubicCoefficient),
  }));
  return fitted(taps, length, excludeOutside);
};

/** The kernel is made wider by as much as the axis becomes shorter. */
const antialiasedTaps: TapsAt = (position, { length, scale }, method) => {
  const widening = Math.max(1, 1 / scale);
  const weightAt = (distance: number) =>
    method.mode === "cubic"
      ? cubicWeight(distance, method.cubicCoefficient)
      : Math.max(0, 1 - Math.abs(distance));
  const support = (method.mode === "cubic" ? 2 : 1) * widening;
  const center = position + 0.5;
  const first = Math.floor(center - support + 0.5);
  const last = Math.floor(center + support + 0.5);
  const taps = Array.from({ length: last - first }, (_, k) => ({
    index: first + k,
    weight: weightAt((first + k - position) / widening),
  }));
  return normalized(fitted(taps, length, method.excludeOutside));
};

const plainTaps: Readonly<Record<Interpolation["mode"], TapsAt>> = { nearest, linear, cubic };

/** Keys' kernel with free parameter a, commonly −0.5 or −0.75. */
function cubicWeight(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** Outside, the outermost elements are taken; or what is outside is left out, and the others weigh more. */
function fitted(taps: readonly Tap[], length: number, excludeOutside: boolean): readonly Tap[] {
  if (!excludeOutside) return taps.map(({ index, weight }) => ({ index: clamped(index, length), weight }));
  return normalized(taps.filter(({ index }) => index >= 0 && index < length));
}

function normalized(taps: readonly Tap[]): readonly Tap[] {
  const total = taps.reduce((sum, { weight }) => sum + weight, 0);
  return taps.map(({ index, weight }) => ({ index, weight: weight / total }));
}

/** Taps of one element are added up. */
function merged(taps: readonly Tap[]): readonly Tap[] {
  const weights = new Map<number, number>();
  for (const { index, weight } of taps) weights.set(index, (weights.get(index) ?? 0) + weight);
  return Array.from(weights, ([index, weight]) => ({ index, weight })).filter(({ weight }) => weight !== 0);
}

function clamped(index: number, length: number): number {
  return Math.min(Math.max(index, 0), length - 1);
}
