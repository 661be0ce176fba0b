import type { ImageGrid, LocatedImage, Session, SessionFailure, Template } from "@voxplain/caps-io";
import type { VotingWeights } from "@voxplain/saliency";
import type { Cohort } from "../cohort/cohort.ts";
import type { Model, NetworkChoice, NetworkQuery } from "../model/model.ts";

/** What is explained: the logit of a class, that of the class that the network predicts, or one value of the output. */
export type Target =
  | number
  | "predicted"
  | {
      /** An index for each axis behind the batch. */
      readonly index: readonly number[];
    };

/** What is wanted of a cohort. */
export interface Request extends NetworkQuery {
  /** "maps": a map of each image; "mean": their mean map, so that all must be on one grid; "predictions": no maps. */
  readonly result: "maps" | "mean" | "predictions";
  /** What is explained; default "predicted". */
  readonly target?: Target;
  /** The image whose affine the maps get; it must be on their grid. */
  readonly template?: Template | undefined;
  /** How the parts of an image vote on its class: with weights of the validation set (default), or all the same. */
  readonly voting?: "validation" | "uniform";
  /** Only images that are classified correctly (true) or wrongly (false). */
  readonly keepTrue?: boolean | undefined;
  /** What a session that cannot be used does: end the sequence with its error (default), or be left out. */
  readonly onError?: "stop" | "skip";
  /** Inputs that the network gets at once, where they are small enough for that to help; default 2. */
  readonly batchSize?: number;
  /** Images that are read ahead of the network; default 2. */
  readonly readAhead?: number;
}

/** How the parts of an image vote on its class: with weights by part ID, or all the same. */
export type Voting = VotingWeights | "uniform";

/** One network, or one for each part, and the images that go through it. */
export interface Task {
  /** Which network. */
  readonly network: NetworkChoice;
  /** Columns of the label list, in their order. */
  readonly columns: readonly string[];
  /** In the order of the lists. */
  readonly images: readonly LocatedImage[];
  /** Of the images, in their order, from the headers of their files. */
  readonly grids: readonly ImageGrid[];
  /** By the labels; empty where diagnoses are not known. */
  readonly trueClasses: ReadonlyMap<Session, number>;
  /** Sessions that have no image, or whose grid does not fit the others. */
  readonly missing: readonly SessionFailure[];
  /** How parts vote; undefined for whole images. */
  readonly voting?: Voting;
  /** Sentences about the images and their grids. */
  readonly warnings: readonly string[];
}

/** What will be done, as data. Everything that can be refused from headers has been. */
export interface Plan {
  /** What explains. */
  readonly model: Model;
  /** What is explained. */
  readonly cohort: Cohort;
  /** As it was given. */
  readonly request: Request;
  /** One for each fold and selection, in their order. */
  readonly tasks: readonly Task[];
}
