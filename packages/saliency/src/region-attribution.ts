import { elementAt, elementCount, type Tensor, tensor } from "@voxplain/core";
import type { AttributionMethod, DifferentiableModel } from "./attribution.ts";
import { type Baseline, baselinesOf, checkBaseline } from "./baseline.ts";
import {
  type ChunkOptions,
  checkChunkSize,
  eachVariant,
  lenderOf,
  logitsInChunks,
  rowsOf,
} from "./chunks.ts";
import { checkRegions, indexRegions, type RegionIndex, type Regions } from "./regions.ts";

/** Options of methods that hide regions of an input. */
export interface RegionAttributionOptions extends ChunkOptions {
  /** Labels, or the edge of cells. */
  readonly regions: Regions;
  /** What stands in hidden regions, in all channels; default "zero". */
  readonly baseline?: Baseline;
}

/** Inputs of which some regions are shown and the others hidden. */
interface Coalitions {
  readonly count: number;
  /** Which input it is of, and 0 or 1 for each region: 1 where it is shown. */
  at(variant: number): { readonly n: number; readonly shown: Uint8Array };
  /** Gets the logits [rows, classes] of some of them; this one's are in `row`. */
  read(logits: Tensor<"float32">, row: number, variant: number): void;
}

/** The regions of a batch of inputs, and what the network computes from them. */
export interface InputRegions {
  readonly model: DifferentiableModel;
  readonly inputCount: number;
  readonly regionCount: number;
  /** Logits [N, classes] of the inputs as they are. */
  logitsOfInputs(): Promise<Tensor<"float32">>;
  /** Computes the logits of coalitions, and gives them one by one, in order. */
  eachCoalition(coalitions: Coalitions): Promise<void>;
}

/** What a method finds. */
interface RegionValues {
  /** For each input the value of each region. */
  readonly values: readonly ArrayLike<number>[];
  /** Of the inputs as they are. */
  readonly logits: Tensor<"float32">;
}

/**
 * A method that gives each region one value, at each of its voxels; 0 in the background, which is never hidden;
 * [N, 1, ...spatial].
 * @throws VoxplainError `invalid-argument` for an option out of range; `mismatch` for labels on another grid.
 */
export function regionAttribution(
  options: RegionAttributionOptions,
  attribute: (given: InputRegions, target: number) => Promise<RegionValues>,
): AttributionMethod {
  const { regions, baseline = "zero" } = options;
  checkRegions(regions);
  checkBaseline(baseline);
  checkChunkSize(options);
  return async (model, input, target) => {
    const { inputDims } = model;
    const spatial = inputDims.slice(1);
    const inputs = rowsOf(input);
    const index = indexRegions(regions, spatial);
    const baselines = baselinesOf(baseline, inputs, inputDims);
    const given: InputRegions = {
      ...{ model, inputCount: inputs.length, regionCount: index.labels.length },
      logitsOfInputs: () => logitsInChunks(model, inputs, options),
      eachCoalition: ({ count, at, read }) =>
        eachVariant({
          ...{ chunkSize: options.chunkSize, count, dims: inputDims, read },
          write: (variant, into) => {
            const { n, shown } = at(variant);
            writeShown(
              shown,
              index,
              { input: elementAt(inputs, n), baseline: elementAt(baselines, n) },
              into,
            );
          },
          lender: lenderOf(model, "forward"),
          compute: (batch) => model.forward(batch),
        }),
    };
    const { values, logits } = await attribute(given, target);
    const size = elementCount(spatial);
    const map = new Float32Array(inputs.length * size);
    for (const [n, own] of values.entries()) paint(own, index, map.subarray(n * size, (n + 1) * size));
    return { map: tensor("float32", [inputs.length, 1, ...spatial], map), logits };
  };
}

/** Writes an input in which the baseline stands where `shown` is 0 for the region, in all channels. */
function writeShown(
  shown: Uint8Array,
  { regionOf }: RegionIndex,
  { input, baseline }: { readonly input: Float32Array; readonly baseline: Float32Array },
  into: Float32Array,
): void {
  into.set(input);
  for (let start = 0; start < into.length; start += regionOf.length) {
    for (let k = 0; k < regionOf.length; k++) {
      if (shown[regionOf[k]!] === 0) into[start + k] = baseline[start + k]!;
    }
  }
}

/** Writes the value of each region at its voxels. */
function paint(values: ArrayLike<number>, { regionOf }: RegionIndex, into: Float32Array): void {
  for (let k = 0; k < regionOf.length; k++) into[k] = values[regionOf[k]!] ?? 0;
}
