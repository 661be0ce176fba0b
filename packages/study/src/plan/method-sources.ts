import {
  type Companion,
  checkCompanion,
  type ImageGrid,
  isFailure,
  type LocatedImage,
  locateSessions,
  minMaxInPlace,
  placedGrid,
  readNifti,
  readSessionGrids,
  readSessions,
  type Template,
  voxelSizeOf,
} from "@voxplain/caps-io";
import { axisCodes, readFile, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { MethodSources } from "@voxplain/saliency";
import { fileAt } from "@voxplain/study/node";
import { placeCohort, readCohort } from "../job/cohort.ts";
import type { DataOptions } from "../job/data-options.ts";
import type { Job, Task } from "../job/plan-job.ts";

/** Where the options of a method find their images when a cohort is interpreted. */
export function cohortSources(
  job: Job,
  task: Task,
  options: DataOptions,
  { template, warn }: { readonly template?: Template; readonly warn: (warning: string) => void },
): MethodSources {
  const compare = (companion: Companion, images: readonly ImageGrid[]) => {
    for (const warning of checkCompanion(companion, images)) warn(warning);
  };
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
      const { dims, data, grid } = await readVolumeFile(path);
      compare({ ...grid, needs: "directions" }, task.grids);
      if (job.folder.settings.normalize) minMaxInPlace(data);
      return tensor("float32", [1, ...dims], data);
    },
    async labels(path) {
      needsWhole("a volume of labels");
      const { dims, data, grid } = await readVolumeFile(path);
      const places = task.grids.map((image) => placedGrid(image, template));
      compare({ ...grid, needs: "position" }, places);
      return tensor("float32", dims, data);
    },
    async cohort(diagnosis) {
      needsWhole("a cohort to compare with");
      const references = await referencesOf(job, task, options, diagnosis);
      const images = onePerOrientation(task.grids);
      const found = references.grids.flatMap((grid) =>
        checkCompanion({ ...grid, needs: "directions" }, images),
      );
      if (found[0] !== undefined)
        warn(found.length > 1 ? `${found[0]} (and ${found.length - 1} more)` : found[0]);
      return references;
    },
    async voxelSize() {
      const affine = template?.affine ?? task.grids.find((grid) => grid.affine)?.affine;
      return voxelSizeOf(affine, job.preprocessing);
    },
  };
}

async function readVolumeFile(path: string) {
  const { source, below, path: absolute } = fileAt(path, "method_options");
  const { shape, data, ...position } = await readNifti(await readFile(source, below), absolute);
  return { ...tensor("float32", shape, data), grid: { name: absolute, shape, ...position } };
}

function onePerOrientation(grids: readonly ImageGrid[]): readonly ImageGrid[] {
  const codes = new Map<string, ImageGrid>();
  for (const grid of grids) {
    const key = grid.affine ? axisCodes(grid.affine) : "";
    if (!codes.has(key)) codes.set(key, grid);
  }
  return [...codes.values()];
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
    grids: await readSessionGrids(found),
    read: (index: number) => readInput(found[index]!, job),
  };
}

async function readInput(session: LocatedImage, { folder }: Job): Promise<Tensor<"float32">> {
  const { normalize } = folder.settings;
  for await (const read of readSessions([session], { normalize, readAhead: 0 })) {
    if (isFailure(read)) throw read.error;
    return (await read.read(0)).input;
  }
  throw new RangeError("a session that was located is read");
}
