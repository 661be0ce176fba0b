import type { SessionFailure } from "@voxplain/caps-io";
import type { ResultRecord } from "@voxplain/results";
import type {
  ExplainedPart,
  PredictedImage,
  PredictedPart,
  RunOptions,
  SessionPrediction,
} from "@voxplain/study";
import type { Warnings } from "./warnings.ts";

/** What is left of a task when its images are gone. */
export interface Computed {
  readonly predictions: readonly SessionPrediction[];
  readonly failures: readonly SessionFailure[];
  /** Set when the job has to end because of a session. */
  readonly fatal: SessionFailure | undefined;
  readonly record: Pick<ResultRecord, "model" | "kernelUses" | "inputs" | "warnings">;
}

export type AnyImage = PredictedImage<PredictedPart | ExplainedPart>;

/** What a command makes of the images of a task. Records and the folder are made for it. */
export interface Result<Image extends AnyImage> {
  /** Every option after resolution, under the old program's names where they exist. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What the progress bar counts; default: sessions. */
  readonly noun?: string;
  /** The images of the plan. */
  images(options: RunOptions): AsyncIterable<Image>;
  /** Called for each image in its order; the sequence waits for it. */
  onImage?(image: Image, warnings: Warnings): Promise<void>;
  /** Whether what came before a broken image is a result. Default: no. */
  outlivesFailure?(): boolean;
  /** Writes what needs all images. */
  finish(computed: Computed): Promise<void>;
  /** Resolves when nothing is being written any more, be it because it failed. */
  settled?(): Promise<void>;
  /** Called when the folder is in its place. */
  published?(computed: Computed): void;
}
