/**
 * The words every Voxplain package shares.
 *
 * ```ts
 * import { memoryFiles, readText } from "@voxplain/core";
 *
 * const files = memoryFiles();
 * await files.write("notes/a.txt", new TextEncoder().encode("hello"));
 * await readText(files, "notes/a.txt"); // "hello"
 * ```
 * @module @voxplain/core
 */
export { nextTask, onAbort, pauses, unlessAborted } from "./abort.ts";
export type {
  BlockRelevance,
  RelevanceBound,
  RelevancePart,
  RelevanceShare,
} from "./block-relevance.ts";
export type { ImageBox } from "./box.ts";
export { swapBytes } from "./byte-order.ts";
export type { BlockPooling, ConvolutionBlock } from "./convolution-block.ts";
export { elementAt } from "./element-at.ts";
export type { ErrorCode, ErrorFields } from "./errors.ts";
export { errorAt, isVoxplainError, VoxplainError } from "./errors.ts";
export type { FileEntry, FilePath, FileSink, FileSource, Gzip, RangeReader } from "./files.ts";
export { blobReader, bytesReader, checkRange, joinPath, memoryFiles, readFile, readText } from "./files.ts";
export { float32Values } from "./float32-values.ts";
export { groupBy } from "./group-by.ts";
export { isObject, parseJson } from "./json.ts";
export { channelSum, firstChannel, mapVolume } from "./map-channels.ts";
export { memoryFor } from "./memory-for.ts";
export type { NpyHeader } from "./npy.ts";
export { decodeNpy, encodeNpy, npyHeaderBytes, numpyTypes, readNpyHeader } from "./npy.ts";
export type { CapsImages, PreparedImages, Preprocessing } from "./preprocessing.ts";
export { preparedImages, preprocessings } from "./preprocessing.ts";
export type { SortedValues, SortOrder } from "./quantiles.ts";
export { quantiles, sortedValues } from "./quantiles.ts";
export type { SortSpace } from "./radix-sort.ts";
export { sortByKey, sortSpace } from "./radix-sort.ts";
export { resizeLinear } from "./resize-linear.ts";
export type {
  ActivationRule,
  DeviceReport,
  ExecutionProvider,
  ExternalData,
  InferenceSession,
  KernelUse,
  LeadingKernels,
  Lowering,
  ModelArtifact,
  ModelRuntime,
  RayPoint,
  RunOptions,
  SessionKernels,
  SessionOptions,
  SessionRay,
  StoredWeights,
} from "./runtime.ts";
export { midranks, orderOfKeys, sortedOrder, sortKeys } from "./sorting.ts";
export type { Steps } from "./steps.ts";
export { allSteps, stepByStep } from "./steps.ts";
export { gather } from "./strided.ts";
export type {
  DType,
  LazyTensor,
  NamedTensors,
  StoredBytes,
  Tensor,
  TensorDataOf,
  TensorOf,
} from "./tensor.ts";
export {
  allocate,
  bytesPerElement,
  eager,
  elementCount,
  fromBytes,
  rowMajorStrides,
  tensor,
  toBytes,
} from "./tensor.ts";
export { decodeText, decodeUnicode, onOneLine, withEscapes } from "./text.ts";
export type { Affine, AffineRow, AxisDirection, Volume } from "./volume.ts";
export {
  affineProblem,
  axisCodes,
  closestAxes,
  cornerDistance,
  determinant,
  identityAffine,
  knownPosition,
  stepAlong,
  voxelSizes,
} from "./volume.ts";
export type { Point, Voxel } from "./voxels.ts";
export {
  indexOfVoxel,
  isSamePosition,
  nearestVoxel,
  pointAt,
  strongestIndex,
  voxelAt,
  voxelLocator,
} from "./voxels.ts";
