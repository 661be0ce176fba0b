// What a job has on its disk at its fullest, by the length of its list.
import { blocksOf } from "@voxplain/study";
import { expect, it } from "vitest";
import { diskUse } from "../src/job/disk-use.ts";

type Arguments = Parameters<typeof diskUse>;

/** The disk of a mean over whole images of 1,000 voxels, without pictures. */
function diskOfMean(count: number, shards = 1) {
  const sessions = Array.from({ length: count }, (_, k) => ({ name: `sub-${k}` }));
  const images = sessions.map((session) => ({ session }));
  const groups = [{ images, grids: [{ shape: [10, 10, 10] }], inputDims: [1, 10, 10, 10] }];
  const task = { sessions, images, groups, method: {}, partCount: 1 } as unknown as Arguments[0];
  const job = { plan: { request: { result: "mean" }, model: { parts: { mode: "image" } } } };
  const blocks = blocksOf(task);
  const part = blocks.slice(0, Math.ceil(blocks.length / shards));
  return diskUse(task, job as unknown as Arguments[1], part, "none")!;
}

const record = 1000;
/** Float32, and nearly as much again where it is compressed. */
const mean = 4000 + 3800;

it("a short list keeps each of its sessions: a map in float32 and a grey for each voxel", () => {
  const least = 64 * (record + 5 * 1000);
  expect(diskOfMean(64)).toEqual({ least, usual: least + mean });
});

it("a long list keeps the sums of its blocks, and the sessions of the one that is not summed yet", () => {
  const least = 10_000 * record + 64 * 12 * 1000;
  expect(diskOfMean(10_000)).toEqual({ least, usual: least + 157 * 5 * 1000 + mean });
});

it("so does a part of it", () => {
  const least = 16 * 157 * record + 16 * 12 * 1000;
  expect(diskOfMean(10_000, 4)).toEqual({ least, usual: least + 157 * 5 * 1000 + mean });
});
