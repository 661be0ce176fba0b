import { VoxplainError } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import type { EngineProgress, ExplorerImage } from "../../src/engine/engine.ts";
import { forEachImage, timeLeft } from "../../src/page/cohort-job.ts";
import { matching } from "../../src/page/session-list.ts";

const image = (name: string, trueClass?: string): ExplorerImage => ({ id: name, name, trueClass });
const images = [image("a"), image("b"), image("c")];
const damaged = new VoxplainError("invalid-file", "the file is damaged");

function options() {
  const reported: EngineProgress[] = [];
  const signal = new AbortController().signal;
  return { reported, signal, onProgress: (progress: EngineProgress) => void reported.push(progress) };
}

describe("a job of several images", () => {
  it("continues after an image that fails, and reports why", async () => {
    const seen: string[] = [];
    const problems = await forEachImage(images, options(), async ({ name }) => {
      if (name === "b") throw damaged;
      seen.push(name);
    });
    expect(seen).toEqual(["a", "c"]);
    expect(problems).toEqual(["b was left out: the file is damaged"]);
  });

  it("fails where every image fails", async () => {
    const work = async () => {
      throw damaged;
    };
    await expect(forEachImage(images, options(), work)).rejects.toBe(damaged);
  });

  it("stops when it is cancelled", async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const job = forEachImage(images, { ...options(), signal: controller.signal }, async ({ name }) => {
      seen.push(name);
      controller.abort();
      controller.signal.throwIfAborted();
    });
    await expect(job).rejects.toThrow();
    expect(seen).toEqual(["a"]);
  });

  it("reports the current image and the progress of the whole", async () => {
    const given = options();
    await forEachImage(images, given, async (_, { onProgress }) => {
      onProgress?.({ step: "pass 1 of 2", fraction: 0.5, secondsLeft: undefined });
    });
    expect(given.reported.map(({ step, fraction }) => [step, fraction])).toEqual([
      ["1 of 3, a: pass 1 of 2", 0.5 / 3],
      ["2 of 3, b: pass 1 of 2", 1.5 / 3],
      ["3 of 3, c: pass 1 of 2", 2.5 / 3],
    ]);
  });
});

it.each([
  ["of the first image, which knows nothing yet, nothing", 0, 0.5, undefined, 4, undefined],
  ["of the first image, its own estimate, for all", 0, 0.5, 6, 4, 4 * 10 - 4],
  ["of later images, the mean of what is done", 2, 0, undefined, 20, 20],
  ["inside a later image, its share", 2, 0.5, 1, 25, 15],
])("the time left of a cohort of four is, %s", (_, index, fraction, secondsLeft, seconds, expected) => {
  let now = 0;
  const left = timeLeft(4, () => now);
  now = 1000 * seconds;
  expect(left(index, { step: "", fraction, secondsLeft })).toEqual(expected);
});

describe("the filter of the list", () => {
  const cohort = [image("sub-ADNI01 ses-M00", "CN"), image("sub-ADNI02 ses-M12", "AD")];
  it.each([
    ["", 2],
    ["ad", 1],
    ["adni", 2],
    ["M12", 1],
    ["mci", 0],
  ])("%j leaves %i of an AD and a CN session of ADNI", (filter, count) => {
    expect(matching(cohort, filter)).toHaveLength(count);
  });
});
