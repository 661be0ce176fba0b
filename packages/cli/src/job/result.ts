import type { Session, SessionFailure } from "@voxplain/caps-io";
import type { RecordedFiles } from "@voxplain/results";
import type {
  ComputedSession,
  ExplainedPart,
  GroupMaps,
  GroupSums,
  PredictedImage,
  PredictedPart,
  RunOptions,
  SessionCheck,
  TableRow,
} from "@voxplain/study";
import type { OutputProvenance } from "@voxplain/writers";
import type { RecordedTask } from "./recorded-task.ts";
import type { Warnings } from "./warnings.ts";

export type AnyImage = PredictedImage<PredictedPart | ExplainedPart>;

/** What is kept of an image, beside what is kept of every one. */
export interface KeptOfImage {
  /** Sums of its maps, where they are averaged and it is not left out. */
  readonly sums?: GroupSums | undefined;
  readonly checks?: readonly SessionCheck[];
  /** Resolves when the files of its own are written. */
  readonly written?: Promise<readonly OutputProvenance[]>;
}

/** What a command makes of the images of a task. What is made at the end is made of the record alone. */
export interface Result<Image extends AnyImage> {
  readonly record: RecordedTask;
  /** What the progress bar counts; default: sessions. */
  readonly noun?: string;
  /** Whether maps are averaged. */
  readonly averages: boolean;
  /** The images of the plan. */
  images(options: RunOptions): AsyncIterable<Image>;
  /** Called for each image in its order; the sequence waits for it. */
  onImage(image: Image, warnings: Warnings): Promise<KeptOfImage>;
  /** Resolves when all writes have settled. */
  settled?(): Promise<void>;
}

/** What the sessions of a task came to, in the order of the list. */
export interface Finished {
  readonly failures: readonly SessionFailure[];
  /** Those that `keepTrue` does not leave out. */
  readonly used: readonly Session[];
  /** Reads what is kept of those that were computed. It is not held. */
  computed(): AsyncGenerator<ComputedOf>;
}

/** A session that was computed. */
export interface ComputedOf {
  readonly session: Session;
  readonly computed: ComputedSession;
}

/** The rows of a table, made of one session after the other. */
export interface SessionRows {
  /** Below the result. */
  readonly file: string;
  readonly columns: readonly string[];
  rowsOf(one: ComputedOf): readonly TableRow[];
}

/** What a command makes of all sessions. These are read twice, for any of them may add a column to a table. */
export interface Ending {
  /** Looks at each session that was computed, in the order of the list. */
  see(one: ComputedOf): void;
  /** When all were seen: writes what is not made of one session after the other. */
  write(context: EndingContext): Promise<void>;
  /** When all were seen: what is made of them when they are read again. */
  rows(): readonly SessionRows[];
  /** Says what is said when the result has its name. */
  published?(finished: Finished): void;
}

export interface EndingContext {
  readonly files: RecordedFiles;
  /** Where they are, until the result has its name. */
  readonly folder: string;
  readonly finished: Finished;
  /** Where maps are averaged. */
  readonly mean: GroupMaps | undefined;
  warn(warning: string): void;
}
