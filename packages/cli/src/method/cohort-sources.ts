import {
  type CapsSession,
  isFailure,
  locateSessions,
  minMaxInPlace,
  readAffine,
  readNifti,
  readSessions,
} from "@voxplain/caps-io";
import { type Affine, readFile, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { LabelVolume } from "@voxplain/saliency";
import { placeCohort, readCohort } from "../job/cohort.ts";
import type { DataOptions } from "../job/data-options.ts";
import { filePlace } from "../job/places.ts";
import type { Job, Task } from "../job/plan-job.ts";
import type { MethodSources } from "./create-method.ts";

/** Millimetres between voxels of images that were prepared so, as the pipelines make them. */
const knownVoxelSizes: Readonly<Record<string, number>> = {
  "t1-linear": 1,
  "t1-linear-downsampled": 2,
  "t1-extensive": 1.5,
  "t1-volume": 1.5,
};

/** Where the options of a method find their images when a cohort is interpreted. */
export function cohortSources(
  job: Job,
  task: Task,
  options: DataOptions,
  template: { readonly affine: Affine } | undefined,
): MethodSources {
  const needsWhole = (what: string) => {
    if (job.settings.mode === "image") return;
    throw new VoxplainError(
      "unsupported",
      `${what} cannot be given for a model that sees ${job.settings.mode}s: each part would need its own`,
    );
  };
  return {
    async image(path) {
      needsWhole("an image to compare with");
      const { dims, data } = await readVolumeFile(path);
      if (job.folder.settings.normalize) minMaxInPlace(data);
      return tensor("float32", [1, ...dims], data);
    },
    async labels(path) {
      needsWhole("a volume of labels");
      return readVolumeFile(path);
    },
    async cohort(diagnosis) {
      needsWhole("a cohort to compare with");
      return referencesOf(job, task, options, diagnosis);
    },
    async voxelSize() {
      const affine = template?.affine ?? (await affineOfFirst(task));
      if (affine !== undefined) return voxelSizeOf(affine);
      const size = knownVoxelSizes[job.preprocessing];
      return size === undefined ? undefined : [size, size, size];
    },
  };
}

async function readVolumeFile(path: string): Promise<Tensor<"float32"> & LabelVolume> {
  const { source, below, path: absolute } = filePlace(path, "method_options");
  const { shape, data } = await readNifti(await readFile(source, below), absolute);
  return tensor("float32", shape, data);
}

/** Sessions of a diagnosis of the same lists, read one at a time. */
async function referencesOf(job: Job, task: Task, options: DataOptions, diagnosis: string) {
  const cohort = await readCohort(placeCohort(job.folder, options), job.folder, task.fold, {
    diagnosis,
    baseline: options.baseline,
  });
  const { found, failures } = await locateSessions(cohort.sessions, {
    preprocessing: job.preprocessing,
    settings: job.settings,
    capsOf: cohort.capsOf,
  });
  if (failures[0]) throw failures[0].error;
  return {
    length: found.length,
    read: (index: number) => readInput(found[index]!, job),
  };
}

async function readInput(session: CapsSession, { folder }: Job): Promise<Tensor<"float32">> {
  const { normalize } = folder.settings;
  for await (const read of readSessions([session], { normalize, readAhead: 0 })) {
    if (isFailure(read)) throw read.error;
    return (await read.read(0)).input;
  }
  throw new RangeError("a session that was located is read");
}

async function affineOfFirst({ sessions }: Task): Promise<Affine | undefined> {
  const [first] = sessions;
  const path = first?.image?.nifti ?? (first?.image?.format === "nifti" ? first.image.path : undefined);
  return first && path !== undefined ? (await readAffine(first.caps, path)).affine : undefined;
}

/** Length of one step along each voxel axis. */
export function voxelSizeOf(affine: Affine): readonly number[] {
  return [0, 1, 2].map((axis) => Math.hypot(affine[0][axis]!, affine[1][axis]!, affine[2][axis]!));
}
