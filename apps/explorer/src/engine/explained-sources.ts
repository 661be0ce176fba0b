import type { FilePlace, Session } from "@voxplain/caps-io";
import type { FilePath } from "@voxplain/core";

/** The image that a map explains. */
export interface ExplainedSource {
  readonly session: Session;
  /** The folder of the CAPS that it is in, or its own file. */
  readonly from: { readonly kind: "caps" | "file"; readonly path: FilePath };
  /** What was read. */
  readonly files: readonly FilePlace[];
}

/** The files behind a map, by their paths below what was opened. */
export interface ExplainedSources {
  /** The model folder or the ONNX file. */
  readonly model: FilePath;
  /** Weights that were used. */
  readonly weights: readonly FilePlace[];
  /** One, or those of a mean. */
  readonly images: readonly ExplainedSource[];
  readonly template: FilePath | undefined;
  /** The regions of a method that takes some. */
  readonly atlas: FilePath | undefined;
  readonly mask: FilePath | undefined;
  /** Whether the map also depends on the other images of the list. */
  readonly usesOthers: boolean;
}
