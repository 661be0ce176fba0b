import type { CapsImages, Preprocessing } from "@voxplain/core";

/** How a pipeline makes its images. */
interface Pipeline {
  /** Where the axes of its images point; undefined where that is not the same for all. */
  readonly directions?: string;
  /** What a user runs for such images; undefined where that cannot be said. */
  readonly command?: string;
}

const linear = { directions: "RAS" } as const;

const pipelines: Readonly<Record<Preprocessing, (images: CapsImages) => Pipeline>> = {
  "t1-linear": ({ uncropped }) => ({
    ...linear,
    command: `clinica run t1-linear BIDS CAPS${margins(uncropped)}`,
  }),
  "t1-linear-downsampled": () => linear,
  "t1-extensive": () => ({ command: "clinica run t1-volume BIDS CAPS GROUP" }),
  "t1-volume": () => ({ command: "clinica run t1-volume BIDS CAPS GROUP" }),
  shepplogan: () => ({}),
  "flair-linear": ({ uncropped }) => ({
    ...linear,
    command: `clinica run flair-linear BIDS CAPS${margins(uncropped)}`,
  }),
  "pet-linear": ({ uncropped, tracer = "TRACER", suvrReferenceRegion = "REGION" }) => ({
    ...linear,
    command: `clinica run pet-linear BIDS CAPS ${tracer} ${suvrReferenceRegion}${margins(uncropped)}`,
  }),
  "dwi-dti": () => ({ command: "clinica run dwi-dti CAPS" }),
  custom: () => ({}),
};

function margins(uncropped = false): string {
  return uncropped ? " --uncropped_image" : "";
}

/** The pipeline of Clinica that made the images of a training. */
export function pipelineOf(images: CapsImages): Pipeline {
  return pipelines[images.preprocessing](images);
}
