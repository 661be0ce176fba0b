import { type ImageList, imageEnding } from "@voxplain/caps-io";
import { isVoxplainError, VoxplainError } from "@voxplain/core";
import {
  type ChosenRows,
  type Cohort,
  type Model,
  openCohort,
  openImages,
  unopenedCohort,
  withNumberedLabels,
} from "@voxplain/study";
import { cohortAt, imagesAt, masksAt } from "@voxplain/study/node";
import type { DataOptions } from "./data-options.ts";

/** Where the images and labels of a job are, for its record. Paths are absolute. */
export interface JobData {
  readonly capsPath: string | null;
  readonly labelPath: string | null;
  /** The data group of the model folder whose sessions are used. */
  readonly group: string | null;
  readonly imagesPath: string | null;
  /** Whether sessions are of several cohorts. */
  readonly severalCohorts: boolean;
}

/** Which sessions of the data are used. */
export interface SessionsOf {
  /** Diagnoses of label lists, in this order; undefined for every session of a list. */
  readonly diagnoses: (model: Model, own: OwnLists) => readonly string[] | undefined;
  /** Whether a table without a column "diagnosis" will do: all its sessions are used then. */
  readonly unlabelled?: boolean;
  /** Rows of a list of images, and what is explained. @throws VoxplainError where that is not settled. */
  readonly ofList: (list: ImageList, model: Model) => ChosenRows;
}

/** Whether the sessions are those of a list in the model folder itself. */
export interface OwnLists {
  readonly areOwn: boolean;
}

/** A cohort, and where it is from. */
export interface JobCohort {
  /** Undefined where it could not be opened: the cohort reports why. */
  readonly data?: JobData;
  readonly cohort: Cohort;
  /** With the labels of the data, where they are the numbers of its output nodes. */
  readonly model: Model;
  /** What is explained of a list of images. */
  readonly chosen?: ChosenRows;
}

/** Opens the cohort that the options name, else that of the training. */
export async function placeCohort(model: Model, options: DataOptions, of: SessionsOf): Promise<JobCohort> {
  try {
    return options.images === undefined
      ? await inCaps(model, options, of)
      : await ofImages(model, options.images, options, of);
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { model, cohort: unopenedCohort(withoutCaps(model, error)) };
  }
}

/** Who gives a CAPS with an ONNX file is not sent to an option that takes none. */
function withoutCaps({ kind }: Model, error: VoxplainError): VoxplainError {
  if (kind !== "onnx-file" || !error.hint?.includes("--caps_dir")) return error;
  const { code, problem, hint: _, ...fields } = error;
  return new VoxplainError(code, problem, { ...fields, hint: namesImages, cause: error });
}

/** What is done where a CAPS cannot be used. */
const namesImages =
  "an ONNX file does not say which images of a CAPS it was trained on: name them in a table with the columns participant_id and image";

async function ofImages(
  opened: Model,
  path: string,
  { label, bids_filter, multi_cohort, masks: masksPath }: DataOptions,
  { ofList }: SessionsOf,
): Promise<JobCohort> {
  const place = imagesAt(path, "images");
  if (place.below !== "" && imageEnding(place.below) !== undefined) throw isImage(place.path);
  if (place.below !== "" && bids_filter !== undefined && !multi_cohort) throw needsFolder(place.path);
  const options = { label, bidsFilter: bids_filter, severalCohorts: multi_cohort };
  const list = await openImages(place, { model: opened, ...options });
  const model = withNumberedLabels(opened, list, label ?? "diagnosis");
  const data = {
    ...{ capsPath: null, labelPath: null, group: null, imagesPath: place.path },
    severalCohorts: list.columns.includes("cohort"),
  };
  const masks = masksAt(model, masksPath, "masks");
  try {
    const chosen = ofList(list, model);
    const { diagnoses, column, notes } = chosen;
    const cohort = await openCohort({
      list: { ...list, notes: [...list.notes, ...notes] },
      diagnoses,
      column,
      masks,
    });
    return { model, data, cohort, chosen };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    // What is wrong with its images is reported beside it.
    return {
      model,
      data,
      cohort: await openCohort({ list: { ...list, problems: [error, ...list.problems] }, masks }),
    };
  }
}

async function inCaps(model: Model, options: DataOptions, of: SessionsOf): Promise<JobCohort> {
  const areOwn = options.tsv_path === undefined && (model.training?.groups.length ?? 0) > 0;
  const diagnoses = of.diagnoses(model, { areOwn });
  const { source, capsPath, labelPath, group, severalCohorts } = await cohortAt(model, {
    caps: options.caps_dir,
    labels: options.tsv_path,
    group: options.data_group,
    severalCohorts: options.multi_cohort,
    baseline: options.baseline,
    diagnoses: diagnoses && [...new Set(diagnoses)],
    unlabelled: of.unlabelled,
  });
  const cohort = await openCohort(source);
  if (cohort.diagnoses?.length === 0) throw unknownDiagnoses(model);
  const places = { capsPath, labelPath: labelPath ?? null, group: group ?? null, imagesPath: null };
  return { model, data: { ...places, severalCohorts }, cohort };
}

function isImage(path: string): VoxplainError {
  return new VoxplainError("invalid-argument", "it is an image, and not a list of images (--images)", {
    file: path,
    hint: "give a table with the columns participant_id and image, or a BIDS folder; single images are explained with an ONNX file by voxplain explain",
  });
}

function needsFolder(path: string): VoxplainError {
  return new VoxplainError(
    "invalid-argument",
    "--bids_filter needs a BIDS folder, and this is a file (--images)",
    {
      file: path,
      hint: "leave out the filter: a table names each image itself",
    },
  );
}

function unknownDiagnoses({ training, name }: Model): VoxplainError {
  return new VoxplainError("not-found", "it does not say which diagnoses were used", {
    file: training?.file ?? name,
    hint: "give them (--diagnoses)",
  });
}
