import { basename, dirname } from "node:path";
import { readImageFile } from "@voxplain/caps-io";
import {
  identityAffine,
  isSamePosition,
  isVoxplainError,
  knownPosition,
  pointAt,
  readFile,
  type Volume,
  VoxplainError,
  voxelLocator,
} from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { fileAt } from "@voxplain/study/node";
import { sha256 as digestOf } from "@voxplain/writers";
import { volumeIn } from "../maps/read-map.ts";
import type { StoredObject } from "./stored-json.ts";

/** Finds what is drawn below maps. */
export interface Anatomies {
  /** The image of a session, on the grid of its map. */
  ofSession(job: StoredObject, session: SessionName, grid: Volume): Promise<Volume | undefined>;
  /** The mean of some sessions' images, else the template of the job. */
  ofJob(job: StoredObject, grid: Volume): Promise<Volume | undefined>;
}

interface SessionName {
  readonly participant: string;
  readonly session: string;
}

/** More would look the same. */
const mostInMean = 10;

/**
 * The images that a job recorded, where they are still there and have the SHA-256 of then, on the grid of the map; else the template of
 * the job.
 * @param chosen - A file that is drawn below all maps instead.
 * @throws VoxplainError for such a file that cannot be read.
 */
export async function anatomies(chosen: string | undefined): Promise<Anatomies> {
  const given = chosen === undefined ? undefined : await volumeAt(chosen);
  if (given !== undefined) {
    const onGrid = async (grid: Volume) => resampled(given, grid);
    return { ofSession: (_, __, grid) => onGrid(grid), ofJob: (_, grid) => onGrid(grid) };
  }
  const template = async (job: StoredObject, grid: Volume) => {
    const path = job.object("options").text("nifti_template_path");
    return path === undefined ? undefined : fitting(await attempt(() => volumeAt(path)), grid);
  };
  return {
    async ofSession(job, { participant, session }, grid) {
      const input = job
        .list("inputs")
        .find((one) => one.text("participant") === participant && (one.text("session") ?? "") === session);
      return (input && (await recorded(input, grid))) ?? template(job, grid);
    },
    async ofJob(job, grid) {
      const sum = new Float64Array(grid.data.length);
      let count = 0;
      for (const input of job.list("inputs")) {
        if (count === mostInMean) break;
        const image = await recorded(input, grid);
        if (image === undefined) {
          // Images that are gone, or on another grid, mostly are so for all sessions.
          if (count === 0) break;
          continue;
        }
        const scale = largest(image.data) || 1;
        image.data.forEach((value, v) => {
          sum[v] = (sum[v] ?? 0) + (Number.isFinite(value) ? value / scale : 0);
        });
        count++;
      }
      return count === 0 ? template(job, grid) : { ...grid, data: Float32Array.from(sum) };
    },
  };
}

async function volumeAt(path: string): Promise<Volume> {
  const { source, below } = fileAt(path, "anatomy");
  return volumeIn(source, below);
}

/** Pictures do without what cannot be read. */
async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isVoxplainError(error)) return undefined;
    throw error;
  }
}

/** An input of a job, on the grid of the map, unchanged since then. */
async function recorded(input: StoredObject, grid: Volume): Promise<Volume | undefined> {
  const [file, sha256] = [input.text("file"), input.text("sha256")];
  if (file === undefined || sha256 === undefined) return undefined;
  return attempt(async () => {
    const [source, below] = [directory(dirname(file)), basename(file)];
    if (
      (await source.open(below)) === undefined ||
      (await digestOf(await readFile(source, below))) !== sha256
    )
      return undefined;
    const { values, affine } = await readImageFile(source, below);
    const [x, y, z, ...more] =
      values.dims.length === 4 && values.dims[0] === 1 ? values.dims.slice(1) : values.dims;
    if (x === undefined || y === undefined || z === undefined || more.length > 0) return undefined;
    const place = knownPosition(affine) ?? grid.affine;
    return fitting({ data: values.data, shape: [x, y, z], affine: place }, grid);
  });
}

function fitting(image: Volume | undefined, grid: Volume): Volume | undefined {
  if (image === undefined || !image.shape.every((length, axis) => length === grid.shape[axis]))
    return undefined;
  if (image.affine !== identityAffine && !isSamePosition(image.affine, grid.affine, grid.shape))
    return undefined;
  return { ...image, affine: grid.affine };
}

function largest(values: Float32Array): number {
  let most = 0;
  for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}

/** By nearest neighbour in world space: it is for the eye alone. */
function resampled(image: Volume, grid: Volume): Volume {
  const locate = voxelLocator(image.affine);
  if (locate === undefined) throw new VoxplainError("invalid-file", "its affine puts all voxels on a plane");
  const data = new Float32Array(grid.data.length);
  const [X, Y, Z] = grid.shape;
  const [, ySize, zSize] = image.shape;
  let v = 0;
  for (let x = 0; x < X; x++) {
    for (let y = 0; y < Y; y++) {
      for (let z = 0; z < Z; z++, v++) {
        const at = locate(pointAt([x, y, z], grid.affine)).map(Math.round);
        const [i = -1, j = -1, k = -1] = at;
        const isIn = at.every((index, axis) => index >= 0 && index < (image.shape[axis] ?? 0));
        data[v] = isIn ? (image.data[(i * ySize + j) * zSize + k] ?? 0) : 0;
      }
    }
  }
  return { ...grid, data };
}
