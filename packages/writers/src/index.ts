/**
 * Maps to files: bytes from values, nothing else. Pictures, which need a canvas, are in
 * `@voxplain/writers/pictures`.
 *
 * ```ts
 * import { identityAffine } from "@voxplain/core";
 * import { encodeNifti } from "@voxplain/writers";
 *
 * const map = { data: new Float32Array(5 * 7 * 6), shape: [5, 7, 6], affine: identityAffine } as const;
 * encodeNifti(map).byteLength; // 352 + 4 · 210 = 1192
 * ```
 * @module @voxplain/writers
 */
export { colourLimit } from "./colour-limit.ts";
export { sha256 } from "./digest.ts";
export { encodeJson } from "./json.ts";
export type { NiftiOptions, StoredVolume } from "./nifti.ts";
export { encodeNifti, encodeNiftiGz } from "./nifti.ts";
export { coldHotColor } from "./pictures/cold-hot.ts";
export type { Rgb } from "./pictures/coolwarm.ts";
export { coolwarm } from "./pictures/coolwarm.ts";
export type { PlaneViewOptions } from "./pictures/planes-figure.ts";
export type {
  InputProvenance,
  ModelProvenance,
  OutputProvenance,
  PlatformProvenance,
  Provenance,
  RuntimeProvenance,
} from "./provenance.ts";
export { describeOutput, encodeProvenance } from "./provenance.ts";
export type { MapStatistics } from "./statistics.ts";
export { mapStatistics } from "./statistics.ts";
export type { Cell, TableFormat } from "./table.ts";
export { encodeTable, encodeTablePieces } from "./table.ts";
export type { LongList } from "./text-pieces.ts";
