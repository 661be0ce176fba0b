import { readFileSync } from "node:fs";
import { type ModelRuntime, memoryFiles } from "@voxplain/core";
import { nodeRuntime } from "@voxplain/runtime-node";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { EngineProgress } from "../../src/engine/engine.ts";
import { jobProgress } from "../../src/engine/progress.ts";
import { onnxPath } from "./open-sample.ts";

function recorded() {
  const reported: EngineProgress[] = [];
  const clock = { seconds: 0 };
  const progress = jobProgress({ onProgress: (one) => reported.push(one) }, () => clock.seconds * 1000);
  return { reported, clock, progress };
}

it("the time left is that of the passes that came after the first, which has waited for the start", () => {
  const { reported, clock, progress } = recorded();
  progress.at({ passes: 0, expected: 5 });
  for (const [passes, seconds] of [30, 32, 34].entries()) {
    clock.seconds = seconds;
    progress.at({ passes: passes + 1, expected: 5 });
  }
  expect(reported.map(({ secondsLeft }) => secondsLeft)).toEqual([undefined, undefined, 6, 4]);
  expect(reported.at(-1)).toEqual({ step: "pass 3 of 5", fraction: 0.6, secondsLeft: 4 });
});

it("more passes than were expected do not take the bar back, and only the end is the end", () => {
  const { reported, progress } = recorded();
  for (const [passes, expected] of [
    [0, 2],
    [1, 2],
    [2, 4],
    [4, 4],
  ] as const) {
    progress.at({ passes, expected });
  }
  progress.done();
  expect(reported.map(({ fraction }) => fraction)).toEqual([0, 0.5, 0.5, 0.99, 1]);
});

it("a cancelled job reports nothing more", () => {
  const reported: EngineProgress[] = [];
  const progress = jobProgress({ signal: AbortSignal.abort(), onProgress: (one) => reported.push(one) });
  progress.at({ passes: 1, expected: 2 });
  progress.done();
  expect(reported).toEqual([]);
});

describe("a long job", () => {
  const request = { method: "smoothgrad", options: { samples: "400" }, target: 1 };

  async function volume() {
    let runs = 0;
    const engine = createEngine((): ModelRuntime => {
      const runtime = nodeRuntime({ executionProvider: "cpu", threads: 1 });
      return {
        ...runtime,
        async createSession(model) {
          const session = await runtime.createSession(model);
          return {
            ...session,
            run: (feeds, options) => {
              runs++;
              return session.run(feeds, options);
            },
          };
        },
      };
    });
    const files = ["volume.onnx", "volume.npy"].map((name) => {
      return [name, Uint8Array.from(readFileSync(`${onnxPath}/${name}`))] as const;
    });
    await engine.open(memoryFiles(new Map(files), "dropped"));
    return { engine, image: engine.images[0]!, runs: () => runs };
  }

  it("reports passes of those that are expected, so that the bar moves at least once a second", {
    retry: 2,
  }, async () => {
    const { engine, image } = await volume();
    const reported: { readonly at: number; readonly step: string; readonly fraction: number | undefined }[] =
      [];
    await engine.explain(image, request, {
      onProgress: ({ step, fraction }) => reported.push({ at: performance.now(), step, fraction }),
    });
    const passes = reported.filter(({ step }) => step.startsWith("pass "));
    expect(passes.length).toBeGreaterThan(10);
    expect(passes.at(-1)?.step).toBe("pass 401 of 401");
    const pauses = passes.slice(1).map(({ at }, k) => at - passes[k]!.at);
    expect(Math.max(...pauses)).toBeLessThan(1000);
    const fractions = passes.map(({ fraction }) => fraction ?? 0);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    await engine.release();
  });

  it("ends within one pass after it is cancelled", async () => {
    const { engine, image, runs } = await volume();
    const controller = new AbortController();
    let atAbort = 0;
    const cancelled = engine.explain(image, request, {
      signal: controller.signal,
      onProgress({ step }) {
        if (!step.startsWith("pass ") || atAbort > 0) return;
        atAbort = runs();
        controller.abort(new Error("enough"));
      },
    });
    await expect(cancelled).rejects.toThrow("enough");
    await engine.release();
    expect(runs() - atAbort).toBeLessThanOrEqual(1);
  });
});
