import type { ConvolutionBlock } from "@voxplain/core";
import { type Geometry, geometryOf } from "../../packages/kernels/src/geometry.ts";
import { kernelProgram } from "../../packages/kernels/src/index.ts";
import { recordFields } from "../../packages/kernels/src/record.ts";
import { openKernels } from "../../packages/kernels/src/runner.js";

/**
 * Where the gradient goes behind each window of a block's max-pooling: the position of the maximum where it is above 0; -1 where
 * nothing gets it; -2 - position where it takes the slope. Without max-pooling: 0 where a value is above 0, -2 elsewhere.
 */
export type Paths = Int32Array;

/** What decides in one block, as counted for a reference: thresholds reached by each value, positions of maxima. */
export interface BlockDecisions {
  readonly reached: Uint8Array | undefined;
  readonly maxima: Int32Array | undefined;
}

export const hasMaxima = ({ pooling }: ConvolutionBlock) => pooling?.kind === "max";

/** Blocks on an image with their sizes. */
export function geometriesOf(blocks: readonly ConvolutionBlock[], dims: readonly number[]): Geometry[] {
  const geometries: Geometry[] = [];
  for (const block of blocks) geometries.push(geometryOf(block, geometries.at(-1)?.out ?? dims));
  return geometries;
}

const volume = ([x, y, z]: Geometry["out"]) => x * y * z;
const paddedOf = ({ conv, zeros, zerosAfter }: Geometry) =>
  [0, 1, 2].map((a) => conv[a]! + zeros[a]! + zerosAfter[a]!) as unknown as Geometry["out"];
const stops = ({ slopes }: ConvolutionBlock, channel: number) => (slopes?.[channel] ?? 1) === 0;

/** Paths from the decisions of ReLU and max-pooling, whose positions count in the volume with zeros around it. */
export function pathsOf(
  block: ConvolutionBlock,
  geometry: Geometry,
  { reached, maxima }: BlockDecisions,
): Paths {
  const { conv, zeros, out } = geometry;
  const values = volume(conv);
  if (maxima === undefined) return Int32Array.from(reached ?? [], (level) => (level > 0 ? 0 : -2));
  const [, height, depth] = paddedOf(geometry);
  return maxima.map((position, at) => {
    const channel = Math.floor(at / volume(out));
    const x = Math.floor(position / (height * depth)) - zeros[0];
    const y = (Math.floor(position / depth) % height) - zeros[1];
    const z = (position % depth) - zeros[2];
    if (x < 0 || y < 0 || z < 0 || x >= conv[0] || y >= conv[1] || z >= conv[2]) return -1;
    const isOn = reached === undefined || reached[channel * values + (x * conv[1] + y) * conv[2] + z]! > 0;
    if (isOn) return position;
    return stops(block, channel) ? -1 : -2 - position;
  });
}

/** Paths from the codes of kernels: `decide.ts` of the package describes them. */
function pathsOfCodes(block: ConvolutionBlock, geometry: Geometry, codes: Uint8Array): Paths {
  if (!hasMaxima(block)) return Int32Array.from(codes, (code) => (code & 128 ? -2 : 0));
  const { out, steps, window, before, zeros } = geometry;
  const [, height, depth] = paddedOf(geometry);
  const paths = new Int32Array(codes.length);
  codes.forEach((code, at) => {
    const cell = at % volume(out);
    const channel = Math.floor(at / volume(out));
    const isOn = code < 128;
    if (code === 255 || (!isOn && stops(block, channel))) {
      paths[at] = -1;
      return;
    }
    const id = code & 63;
    const [, ly, lz] = window;
    const x =
      Math.floor(cell / (out[1] * out[2])) * steps[0] + Math.floor(id / (ly * lz)) - before[0] + zeros[0];
    const y =
      (Math.floor(cell / out[2]) % out[1]) * steps[1] + (Math.floor(id / lz) % ly) - before[1] + zeros[1];
    const z = (cell % out[2]) * steps[2] + (id % lz) - before[2] + zeros[2];
    const position = (x * height + y) * depth + z;
    paths[at] = isOn ? position : -2 - position;
  });
  return paths;
}

/** What the kernels of a runtime compute and decide on one image: the value behind the blocks, and each block's paths. */
export function kernelPaths(
  blocks: readonly ConvolutionBlock[],
  dims: readonly number[],
  image: Float32Array,
) {
  const program = kernelProgram(blocks, dims);
  const kernels = openKernels(program, { threads: 1 });
  kernels.input.set(image);
  kernels.forward();
  const paths = geometriesOf(blocks, dims).map((geometry, k) => {
    const at = program.steps[k]?.gradientRecord;
    const record = program.contents.find(([place]) => place === at)?.[1];
    const block = blocks[k];
    if (record === undefined || block === undefined) throw new Error("a block without a record");
    const cells = geometry.outputs * volume(hasMaxima(block) ? geometry.out : geometry.conv);
    const codes = new Uint8Array(kernels.input.buffer, record[recordFields.indexOf("codes")], cells);
    return pathsOfCodes(block, geometry, codes);
  });
  return { cut: kernels.cut.slice(), paths };
}

/** Paths that differ: another side of the kink, or another maximum. */
export function countPaths(exact: Paths, found: Paths): { readonly relu: number; readonly max: number } {
  if (exact.length !== found.length) throw new Error(`${found.length} paths instead of ${exact.length}`);
  const flips = { relu: 0, max: 0 };
  exact.forEach((path, at) => {
    const other = found[at]!;
    if (path !== other) flips[path >= 0 === other >= 0 ? "max" : "relu"]++;
  });
  // Another block, or positions counted otherwise, would differ everywhere.
  if (flips.relu + flips.max > 0.05 * exact.length) throw new Error("paths of another block");
  return flips;
}
