import type {
  FilePlace,
  ImageGrid,
  LocatedImage,
  MaskFile,
  Session,
  SessionFailure,
  Template,
} from "@voxplain/caps-io";
import type { ChosenMethod, OptionTexts, Passes, VotingWeights } from "@voxplain/saliency";
import type { CheckRequest } from "../checks/choose-checks.ts";
import type { Cohort } from "../cohort/cohort.ts";
import type { Model, NetworkChoice, NetworkQuery } from "../model/model.ts";
import type { PlannedGroup } from "./image-group.ts";

/**
 * What is explained: the logit of a class, by its number or by its label, or of the class that the network predicts for
 * each image; or one value of the output by an index for each axis behind the batch.
 */
export type Target =
  | SettledTarget
  | {
      /** A value of the model's labels: "AD". */
      readonly label: string;
    };

/** A target whose node is known. */
export type SettledTarget =
  | number
  | "predicted"
  | {
      /** One for each axis of the output behind the batch, from 0. */
      readonly index: readonly number[];
    };

/** Over which positions of a dense output the mean of a class's logit is taken: all, those of a mask, or one voxel. */
export type TargetRegion =
  | "grid"
  | {
      /** On the grid of the images. */
      readonly mask: MaskFile;
    }
  | {
      /** An index along each axis of the images, from 0. */
      readonly voxel: readonly number[];
    };

/** What is wanted of a cohort. */
export interface Request extends NetworkQuery {
  /** "maps": a map of each image (default); "mean": one of all; "predictions": none. Decides which grids may differ. */
  readonly result?: "maps" | "mean" | "predictions";
  /** A method, or its name; default "gradients". */
  readonly method?: string | ChosenMethod;
  /** Options of a method that is given by its name, as users write them. */
  readonly options?: OptionTexts | undefined;
  /** Opens the files that options name; without it an option that needs a file is refused. */
  readonly openFile?: (path: string) => FilePlace;
  /** Whose logit is explained; default "predicted". */
  readonly target?: Target;
  /** For networks with a class for every voxel; default: the whole grid. */
  readonly region?: TargetRegion | undefined;
  /** The image whose affine the maps get; it must be on their grid. */
  readonly template?: Template | undefined;
  /** Whether maps are carried through the min-max normalization, to the intensities of the image. Default: false. */
  readonly throughNormalization?: boolean;
  /** What is measured of each map. */
  readonly checks?: CheckRequest | undefined;
  /** How the parts of an image vote on its class: with weights of the validation set (default), or all the same. */
  readonly voting?: "validation" | "uniform";
  /** Only images that are classified correctly (true) or wrongly (false) are kept. Default: all. */
  readonly keepTrue?: boolean | undefined;
  /**
   * What becomes of predictions of sessions whose label the model does not know: they are refused ("refuse", the default), or
   * made without a true label, with a warning ("warn").
   */
  readonly unknownLabels?: "refuse" | "warn";
  /** A session that cannot be used ends the sequence with its error ("stop", the default), or is left out ("skip"). */
  readonly onError?: "stop" | "skip";
  /** Inputs that the network gets at once, where they are small enough for that to help; default 2. */
  readonly batchSize?: number;
  /** Images that are read ahead of the network; default 2. */
  readonly readAhead?: number;
}

/** A request in which the label that is explained is an output node. */
export interface SettledRequest extends Request {
  /** Whose logit is explained. */
  readonly target?: SettledTarget;
}

/**
 * What the parts of an image say together: they vote on its class with weights by part ID, or all with the same
 * ("uniform"); of a number it is their mean ("mean").
 */
export type Voting = VotingWeights | "uniform" | "mean";

/** One network, or one for each part, and the images that go through it. */
export interface Task {
  /** Which network. */
  readonly network: NetworkChoice;
  /** Columns of the label list, in their order. */
  readonly columns: readonly string[];
  /** The whole list, also sessions that have no image: what places a session in its block. */
  readonly sessions: readonly Session[];
  /** In the order of the lists. */
  readonly images: readonly LocatedImage[];
  /** Grids of the images, in their order, from the headers of their files. */
  readonly grids: readonly ImageGrid[];
  /** The node of the class that the labels give, or the number that a regression is to find; sessions without a label are not in it. */
  readonly trueLabels: ReadonlyMap<Session, number>;
  /** Sessions that have no image, or whose grid does not fit the others; empty unless they are skipped. */
  readonly missing: readonly SessionFailure[];
  /** How parts vote; undefined for whole images. */
  readonly voting?: Voting | undefined;
  /** Number of parts of each image; undefined where it depends on the files. */
  readonly partCount: number | undefined;
  /** What makes the maps, of the first images; undefined for predictions. */
  readonly method?: ChosenMethod | undefined;
  /** The images again, by the size of their inputs. */
  readonly groups: readonly PlannedGroup[];
  /** How often one part goes through the network, for its map and its checks, on average over the images; undefined where the size of its input is not known yet. */
  readonly passes: Passes | undefined;
  /** Sentences about the images and their grids. */
  readonly warnings: readonly string[];
}

/** What will be done, as data. Everything that can be refused before an image is decoded has been. */
export interface Plan {
  /** What explains. */
  readonly model: Model;
  /** What is explained. */
  readonly cohort: Cohort;
  /** As it was given, with the node of its target. */
  readonly request: SettledRequest;
  /** One for each fold and selection, in their order; at least one. */
  readonly tasks: readonly Task[];
}
