import { readdirSync, readFileSync } from "node:fs";
import { elementCount, type LazyTensor, rowMajorStrides, type Tensor, tensor } from "@voxplain/core";
import { parseCommandline } from "../src/folders/clinicadl-0/commandline.ts";
import type { ArchitectureSettings, StateDict } from "../src/index.ts";
import { spread } from "./portable-random.ts";

/** A network whose results PyTorch froze: see fixtures/networks/README.md. */
export interface NetworkFixture {
  readonly name: string;
  readonly settings: ArchitectureSettings;
  /** [C, X, Y, Z] or [C, H, W]. */
  readonly inputDims: readonly number[];
  /** Drawn when they are read; the same numbers as in PyTorch. */
  readonly stateDict: StateDict;
  /** [1, ...inputDims]: noise inside a box, zeros outside. */
  input(): Tensor<"float32">;
  /** float64, every output of the network (with those beyond the classes). */
  readonly logits: readonly number[];
  /** Output whose gradient is frozen. */
  readonly target: number;
  /** Parts of the input gradient, float64 rounded to float32: the whole map, and the box with noise. */
  readonly regions: readonly GradientRegion[];
  /** Relative L2 errors of PyTorch's own float32. */
  readonly pytorchFloat32: { readonly logits: number; readonly gradient: number };
}

export interface GradientRegion {
  /** Start and end along each axis of inputDims. */
  readonly box: readonly (readonly [number, number])[];
  /** Every step-th element of the box, row-major. */
  readonly step: number;
  readonly samples: Float32Array;
  /** Sum of all elements of the box, in float64. */
  readonly sum: number;
  readonly l2: number;
}

interface StoredFixture {
  readonly name: string;
  readonly stream: string;
  /** Of ClinicaDL 0.2: its file of options. */
  readonly commandline?: Readonly<Record<string, unknown>>;
  /** Of ClinicaDL 1.x. */
  readonly architecture?: ArchitectureSettings;
  readonly inputDims: readonly number[];
  readonly inputBox: readonly (readonly [number, number])[];
  readonly logits: readonly number[];
  readonly target: number;
  readonly regions: readonly (Omit<GradientRegion, "samples"> & { readonly count: number })[];
  readonly pytorchFloat32: NetworkFixture["pytorchFloat32"];
  readonly weights: readonly StoredWeight[];
}

interface StoredWeight {
  readonly key: string;
  readonly dims: readonly number[];
  readonly centre: number;
  readonly halfWidth: number;
}

const folder = new URL("fixtures/networks/", import.meta.url);

/** Names of all fixtures, for `it.each`. */
export const networkNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -".json".length))
  .sort();

/** @param stream - Another draw of weights and input than the frozen one: `<name>/<seed>`. */
export function networkFixture(name: string, stream?: string): NetworkFixture {
  const stored: StoredFixture = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
  const drawnFrom = stream ?? stored.stream;
  const bytes = readFileSync(new URL(`${name}.f32`, folder));
  let offset = 0;
  const regions = stored.regions.map(({ count, ...region }) => {
    const samples = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + 4 * count),
    );
    offset += 4 * count;
    return { ...region, samples };
  });
  const settings =
    stored.architecture ?? parseCommandline(JSON.stringify(stored.commandline), `${name}.json`).settings;
  const { logits, target, inputDims, pytorchFloat32 } = stored;
  return {
    name,
    settings,
    inputDims,
    stateDict: new Map(stored.weights.map((weight) => [weight.key, drawn(drawnFrom, weight)])),
    input: () => noiseInBox(`${drawnFrom}/input`, inputDims, stored.inputBox),
    logits,
    target,
    regions,
    pytorchFloat32,
  };
}

/** Elements of one pass of the generator: 4 MB. */
const chunkLength = 2 ** 20;

function drawn(stream: string, { key, dims, centre, halfWidth }: StoredWeight): LazyTensor {
  const name = `${stream}/${key}`;
  const count = elementCount(dims);
  return {
    dtype: "float32",
    dims,
    read: async () => tensor("float32", dims, spread(name, count, centre, halfWidth)),
    async *chunks() {
      for (let from = 0; from < count; from += chunkLength) {
        const length = Math.min(chunkLength, count - from);
        yield new Uint8Array(spread(name, length, centre, halfWidth, from).buffer);
      }
    },
  };
}

function noiseInBox(
  stream: string,
  dims: readonly number[],
  box: readonly (readonly [number, number])[],
): Tensor<"float32"> {
  const values = spread(stream, elementCount(dims), 0.5, 0.5);
  const strides = rowMajorStrides(dims).slice(1);
  for (let k = 0; k < values.length; k++) {
    const outside = box.some(([start, end], axis) => {
      const at = Math.floor(k / strides[axis]!) % dims[axis + 1]!;
      return at < start || at >= end;
    });
    if (outside) values[k] = 0;
  }
  return tensor("float32", [1, ...dims], values);
}

/** The elements of a map that a region froze, in their order. */
export function sampled(
  map: ArrayLike<number>,
  dims: readonly number[],
  region: GradientRegion,
): Float64Array {
  const strides = rowMajorStrides(dims);
  const lengths = region.box.map(([start, end]) => end - start);
  const inner = rowMajorStrides(lengths);
  return Float64Array.from(region.samples, (_, k) => {
    const index = k * region.step;
    const at = region.box.reduce(
      (sum, [start], axis) =>
        sum + (start + (Math.floor(index / inner[axis]!) % lengths[axis]!)) * strides[axis]!,
      0,
    );
    return map[at]!;
  });
}
