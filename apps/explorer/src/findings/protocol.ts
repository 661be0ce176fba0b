import type { ErrorCode, ErrorFields, Volume } from "@voxplain/core";
import type { CompareOptions, Progress } from "@voxplain/group-analysis";
import type { ComparisonModel } from "@voxplain/results/findings";
import type { Cell } from "@voxplain/writers";
import type { SentFile, SentFiles } from "./sent-files.ts";

/** An atlas, and the file that names its regions. */
export interface SentAtlas {
  readonly image: SentFile;
  readonly labels: SentFile | undefined;
}

/** What the map of one image holds in the regions of an atlas. */
export interface RegionsRequest {
  readonly kind: "regions";
  readonly map: SentFile;
  readonly participant: string;
  readonly session: string;
  readonly atlas: SentAtlas;
}

/** Maps of a cohort, as the files of a finished job of the command. */
export interface CompareRequest {
  readonly kind: "compare";
  readonly job: SentFiles;
  readonly groupBy: string;
  readonly a: string;
  /** Undefined: A is compared with 0, or with the same sessions of `pairs`. */
  readonly b: string | undefined;
  /** Other maps of the same sessions, which are compared in pairs. */
  readonly pairs: SentFiles | undefined;
  readonly model: ComparisonModel;
  readonly options: Omit<CompareOptions, "runners" | "memory" | "signal" | "onProgress">;
  readonly atlas: SentAtlas | undefined;
  readonly mask: SentFile | undefined;
  readonly threads: number;
}

/** What of one map is drawn in one piece. */
export interface PeaksRequest {
  readonly kind: "peaks";
  readonly map: Volume;
  /** Voxels beyond this absolute value form clusters. */
  readonly threshold: number;
  /** Whether the sign of values counts. */
  readonly absolute: boolean;
}

export type FindingsRequest = RegionsRequest | CompareRequest | PeaksRequest;

/** A table that was made. */
export interface FoundTable {
  /** "regions.tsv". */
  readonly name: string;
  readonly columns: readonly string[];
  /** The first rows of a comparison's table, all of others. */
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  /** How many rows the file has. */
  readonly count: number;
  /** As the command writes it. */
  readonly bytes: Uint8Array;
}

/** What was found: the files of the command. */
export interface Found {
  readonly tables: readonly FoundTable[];
  /** Images by their names, `t.nii.gz`. */
  readonly images: ReadonlyMap<string, Blob>;
  /** What the record of the command has besides options, sources and versions. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** In a few lines. */
  readonly summary: string;
  readonly warnings: readonly string[];
}

/** An error on its way between threads, where classes are lost. */
export interface SentError
  extends Pick<ErrorFields, "file" | "session" | "expected" | "found" | "hint" | "hasLines"> {
  readonly code: ErrorCode | undefined;
  readonly problem: string;
}

export type FindingsReply =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "found"; readonly found: Found }
  | { readonly kind: "failure"; readonly error: SentError };
