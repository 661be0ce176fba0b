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
/** What is recorded of a session, without its maps. */
const recordBytes = 1000;

/** Options that decide how much of a job is written. */
export interface WritingOptions {
  /** Which maps are drawn; absent for predictions. */
  readonly pictures?: PictureChoice;
  readonly shard?: Shard;
}

/**
 * Bytes that a part of a task will have on the disk at its fullest, at least: arrays as they are, without what is compressed. Undefined
 * where they depend on the images.
 */
export function diskUse(
  task: JobTask["task"],
  { plan: { request, model } }: Pick<Job, "plan">,
  part: readonly Block[],
  pictures: PictureChoice | undefined,
): number | undefined {
  const count = part.reduce((sum, { start, end }) => sum + end - start, 0);
  if (task.method === undefined) return count * recordBytes;
  const placeOf = placesIn(task);
  const isIn = (place: number) => part.some(({ start, end }) => place >= start && place < end);
  let ofSessions = 0;
  let ofOne = 0;
  for (const { images, inputDims } of task.groups) {
    const own = images.filter(({ session }) => isIn(placeOf(session))).length;
    const bytes =
      inputDims &&
      mapBytes(task, inputDims, {
        ...{ isMean: request.result === "mean", isOfParts: model.parts.mode !== "image" },
        keepsUnder: pictures === "summary",
      });
    if (own > 0 && bytes === undefined) return undefined;
    ofSessions += own * (bytes ?? 0);
    ofOne = Math.max(ofOne, own > 0 ? (bytes ?? 0) : 0);
  }
  const length = blockLength(task.sessions.length);
  if (request.result !== "mean" || length === 1) return ofSessions + count * recordBytes;
  const ofBlocks = (part.length * ofOne * blockVoxel) / sessionVoxel;
  return Math.min(ofSessions, ofBlocks) + count * recordBytes;
}

interface MapsOfSession {
  readonly isMean: boolean;
  readonly isOfParts: boolean;
  /** Whether what is below a map is kept until it is known which maps are drawn: one of 256 greys. */
  readonly keepsUnder: boolean;
}

/** Bytes of one session: its map and the image below it where a mean is made, else its maps, and the mean of those of its parts. */
function mapBytes(
  { partCount }: JobTask["task"],
  dims: readonly number[],
  { isMean, isOfParts, keepsUnder }: MapsOfSession,
): number | undefined {
  const values = elementCount(dims);
  if (isMean) return sessionVoxel * values;
  if (partCount === undefined) return undefined;
  // Planes have nothing below them.
  const under = keepsUnder && dims.length > 3 ? elementCount(dims.slice(1)) : 0;
  return (partCount + (isOfParts ? 1 : 0)) * float32 * values + under;
}

/**
 * Refuses a job that its disk has no room for, before anything is computed.
 * @throws VoxplainError `io-failure`.
 */
export function refuseFullDisk(job: Job, { shard, pictures }: WritingOptions): void {
  const { tasks, plan } = job;
  const [first] = tasks;
  if (first === undefined) return;
  const needs = tasks.map(({ task, outputPath }) => {
    const part = blocksOfShard(blocksOf(task), shard);
    return Math.max(0, (diskUse(task, job, part, pictures) ?? 0) - bytesIn(sessionsFolder(outputPath)));
  });
  // For means, what is kept of sessions is removed before the next task begins.
  const needed =
    plan.request.result === "mean" ? Math.max(...needs) : needs.reduce((sum, bytes) => sum + bytes, 0);
  refuseNoRoom(first.outputPath, needed);
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
