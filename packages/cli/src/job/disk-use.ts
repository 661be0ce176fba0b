import { existsSync, readdirSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { elementCount, VoxplainError } from "@voxplain/core";
import { type PictureChoice, sessionsFolder } from "@voxplain/results";
import { type Block, blockLength, blocksOf, placesIn } from "@voxplain/study";
import type { Job, JobTask } from "./prepare.ts";
import { blocksOfShard, type Shard } from "./split-options.ts";

const float32 = 4;
/** Bytes for a voxel of a session whose map is averaged: its map, and one of 256 greys below it. */
const sessionVoxel = 4 + 1;
/** Bytes for a voxel of a block: the sum of the maps in float64, and that of the greys. */
const blockVoxel = 8 + 4;
/** Bytes for a value of a part, of whose maps and inputs there are sums in float64. */
const partValue = 8 + 8;
/** Bytes for a voxel of an image in which maps of parts are summed: the sum in float64, how many there are, and a grey. */
const recomposedVoxel = 8 + 4 + 1;
/** What is left of the bytes of a map when it is compressed: its values look like noise. */
const compressedShare = 0.95;
/** A picture of three planes. */
const pictureBytes = 400_000;
/** What is recorded of a session, without its maps. */
const recordBytes = 1000;

/** Options that decide how much of a job is written. */
export interface WritingOptions {
  /** Which maps are drawn; absent for predictions. */
  readonly pictures?: PictureChoice;
  readonly shard?: Shard;
}

/** Bytes that a part of a task has on the disk at its fullest. */
export interface DiskUse {
  /** At least: arrays as they are, without what is compressed. */
  readonly least: number;
  /** With compressed maps and pictures as they usually are. */
  readonly usual: number;
}

/** What a part of a task has on the disk at its fullest. Undefined where that depends on the images. */
export function diskUse(
  task: JobTask["task"],
  { plan: { request, model } }: Pick<Job, "plan">,
  part: readonly Block[],
  pictures: PictureChoice | undefined,
): DiskUse | undefined {
  const count = part.reduce((sum, { start, end }) => sum + end - start, 0);
  const records = count * recordBytes;
  if (task.method === undefined) return { least: records, usual: records };
  const isMean = request.result === "mean";
  const placeOf = placesIn(task);
  const isIn = (place: number) => part.some(({ start, end }) => place >= start && place < end);
  const isOfParts = model.parts.mode !== "image";
  let [least, usual, largest, ofMean, ofParts] = [0, 0, 0, 0, 0];
  for (const { images, grids, inputDims } of task.groups) {
    const own = images.filter(({ session }) => isIn(placeOf(session))).length;
    if (own === 0) continue;
    if (inputDims === undefined || (!isMean && task.partCount === undefined)) return undefined;
    // A mean has no maps of single parts.
    const partCount = isMean ? Number(!isOfParts) : (task.partCount ?? 0);
    const maps = mapsOf({ inputDims, shape: grids[0]?.shape, partCount, isOfParts, pictures });
    const values = elementCount(inputDims);
    least += own * (isMean ? sessionVoxel * values : maps.least);
    usual += own * maps.usual;
    largest = Math.max(largest, values);
    ofMean = Math.max(ofMean, maps.usual);
    const voxels = elementCount(grids[0]?.shape ?? [0]);
    if (isOfParts) ofParts = Math.max(ofParts, partValue * values + recomposedVoxel * voxels);
  }
  if (!isMean) return { least: least + records, usual: usual + records };
  // In a list of several sessions a block, the sums of the blocks are left, and the sessions of the block that is not summed yet.
  const length = blockLength(task.sessions.length);
  const isLong = length > 1;
  const unsummed = Math.min(length, count);
  const sums = records + (isLong ? Math.min(least, part.length * largest * blockVoxel) : least);
  const usualSums = isOfParts
    ? records + (isLong ? part.length + unsummed : count) * ofParts
    : sums + (isLong ? unsummed * largest * sessionVoxel : 0);
  return { least: sums, usual: usualSums + ofMean };
}

interface MapsOfSession {
  readonly inputDims: readonly number[];
  readonly partCount: number;
  /** Of the whole image, where it is known. */
  readonly shape: readonly number[] | undefined;
  readonly isOfParts: boolean;
  readonly pictures: PictureChoice | undefined;
}

/** The files of one session: its maps, and of parts their mean and the map of the whole image. */
function mapsOf({ inputDims, partCount, shape = [], isOfParts, pictures }: MapsOfSession): DiskUse {
  const values = elementCount(inputDims);
  const isPlane = inputDims.length === 3;
  // One of 256 greys, until it is known which maps are drawn. Planes have nothing below them.
  const under = pictures === "summary" && !isPlane ? elementCount(inputDims.slice(1)) : 0;
  const arrays = (partCount + (isOfParts ? 1 : 0)) * float32 * values;
  const recomposed = isOfParts && shape.length > 0 ? float32 * elementCount(shape) : 0;
  const compressed = compressedShare * (isPlane ? recomposed : arrays + recomposed);
  const drawn = pictures === "all" && (!isPlane || recomposed > 0) ? pictureBytes : 0;
  return { least: arrays + under, usual: arrays + under + recomposed + compressed + drawn };
}

/**
 * Refuses a job that its disk has no room for, before anything is computed.
 * @returns A sentence where there is probably no room for all of it.
 * @throws VoxplainError `io-failure`.
 */
export function refuseFullDisk(job: Job, { shard, pictures }: WritingOptions): string | undefined {
  const { tasks, plan } = job;
  const [first] = tasks;
  if (first === undefined) return undefined;
  const needs = (kind: keyof DiskUse): number => {
    const ofTasks = tasks.map(({ task, outputPath }) => {
      const part = blocksOfShard(blocksOf(task), shard);
      const bytes = diskUse(task, job, part, pictures)?.[kind] ?? 0;
      return Math.max(0, bytes - bytesIn(sessionsFolder(outputPath)));
    });
    // For means, what is kept of sessions is removed before the next task begins.
    const isMean = plan.request.result === "mean";
    return isMean ? Math.max(...ofTasks) : ofTasks.reduce((sum, bytes) => sum + bytes, 0);
  };
  refuseNoRoom(first.outputPath, needs("least"));
  const [room, usual] = [freeBytes(first.outputPath), needs("usual")];
  if (room === undefined || usual <= room) return undefined;
  return (
    `the disk may be full before the end: such a job usually takes about ${bytesText(usual)}, and ${bytesText(room)} are free; ` +
    "make room, or choose another place (--output_dir)"
  );
}

/**
 * Refuses what a disk has no room for.
 * @param path - A result that may not be there yet.
 * @param needed - Bytes that it will have at least.
 * @throws VoxplainError `io-failure`.
 */
export function refuseNoRoom(path: string, needed: number): void {
  const room = freeBytes(path);
  if (room === undefined || needed <= room) return;
  throw new VoxplainError("io-failure", "the disk has no room for what the job will write", {
    file: path,
    expected: `at least ${bytesText(needed)}`,
    found: `${bytesText(room)} free`,
    hint: "make room, or choose another place (--output_dir)",
  });
}

/**
 * Looks whether a disk has room for sessions like one that is finished.
 * @param path - Where they are.
 * @param bytes - Of the files of the one.
 * @param left - How many are left.
 * @returns A sentence where it has not.
 */
export function scarceRoom(path: string, bytes: number, left: number): string | undefined {
  const room = freeBytes(path);
  if (room === undefined || left * bytes <= room) return undefined;
  return (
    `the disk will be full before the end: ${left} more ${left === 1 ? "session takes" : "sessions take"} about ` +
    `${bytesText(left * bytes)}, and ${bytesText(room)} are free; make room (finished sessions are kept)`
  );
}

export function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Bytes of all files in a folder; 0 where there is none. */
export function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += bytesIn(path);
    else if (entry.isFile()) bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/** Undefined where the system does not say. */
function freeBytes(path: string): number | undefined {
  let folder = path;
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  try {
    const { bavail, bsize, blocks } = statfsSync(folder);
    return blocks === 0 ? undefined : bavail * bsize;
  } catch {
    return undefined;
  }
}
