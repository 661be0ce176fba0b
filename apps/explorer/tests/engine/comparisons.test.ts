// What a page asks its workers, computed here by the same functions.
import { readFileSync } from "node:fs";
import { type Affine, identityAffine, memoryFiles } from "@voxplain/core";
import { startRelabellings } from "@voxplain/group-analysis";
import { encodeNifti } from "@voxplain/writers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { find } from "../../src/findings/find.ts";
import { findDifferences } from "../../src/findings/find-differences.ts";
import type { CompareRequest } from "../../src/findings/protocol.ts";
import type { ThreadReply, ThreadRequest } from "../../src/findings/web-threads.ts";
import { comparisonOptions, comparisonRequest } from "../../src/page/comparison-options.ts";
import { nodeEngine, onnxPath } from "./open-sample.ts";

const placed: Affine = [
  [2, 0, 0, -10],
  [0, 2, 0, -12],
  [0, 0, 2, -8],
  [0, 0, 0, 1],
];

/** A comparison of the maps of three images with 0, as the page asks for it. */
async function request(affine: Affine, chosen: { readonly fwhm: string }): Promise<CompareRequest> {
  const files = memoryFiles(new Map(), "dropped");
  await files.write("volume.onnx", readFileSync(`${onnxPath}/volume.onnx`));
  for (const n of [1, 2, 3]) {
    const data = Float32Array.from({ length: 504 }, (_, k) => (k * n) % 7);
    await files.write(`${n}.nii`, encodeNifti({ data, shape: [8, 9, 7], affine }));
  }
  const engine = nodeEngine();
  await engine.open(files);
  const cohort = engine.explainCohort();
  const gradients = { preprocess: ["none"], method: "input-x-gradient", options: {}, target: 1 };
  for (const image of engine.images) await cohort.explain(image, gradients);
  const explained = await cohort.finish();
  await engine.release();
  if (explained === undefined) throw new Error("nothing was explained");
  const defaults = Object.entries(comparisonOptions).map(([name, option]) => [name, String(option.default)]);
  const { model, options } = comparisonRequest({ ...Object.fromEntries(defaults), ...chosen });
  return {
    ...{ kind: "compare", job: explained.job, groupBy: "session_id", a: "n/a", b: undefined, model, options },
    ...{ atlas: undefined, mask: undefined, threads: 1 },
  };
}

/** What the worker of relabellings does, without a worker. */
function inThisThread() {
  return class {
    onmessage: ((event: { readonly data: ThreadReply }) => void) | undefined;
    #compute: ReturnType<typeof startRelabellings> | undefined;
    postMessage(request: ThreadRequest) {
      if ("task" in request) this.#compute = startRelabellings(request.task);
      else {
        const part = this.#compute?.(request.from, request.to);
        if (part) queueMicrotask(() => this.onmessage?.({ data: { part } }));
      }
    }
    terminate() {}
  };
}

describe("a comparison in the page", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("refuses to smooth maps whose position is unknown, in the sentence of the command", async () => {
    const unknown = await request(identityAffine, { fwhm: "4" });
    await expect(findDifferences(unknown, () => {})).rejects.toMatchObject({
      code: "mismatch",
      message: expect.stringMatching(/smoothing is in mm, and the position of the maps is unknown/),
    });
    vi.stubGlobal("Worker", inThisThread());
    const known = await findDifferences(await request(placed, { fwhm: "4" }), () => {});
    expect(known.facts).toMatchObject({ n_a: 3 });
  });

  it("ends its worker at once when it is cancelled, and gives the reason", async () => {
    const events: string[] = [];
    vi.stubGlobal(
      "Worker",
      class {
        postMessage() {
          events.push("asked");
        }
        terminate() {
          events.push("ended");
        }
      },
    );
    const cancelling = new AbortController();
    const found = find(await request(placed, { fwhm: "0" }), { signal: cancelling.signal });
    cancelling.abort(new Error("cancelled by the user"));
    await expect(found).rejects.toThrow("cancelled by the user");
    expect(events).toEqual(["asked", "ended"]);
    // Nothing is started for whoever cancelled before.
    const late = await request(placed, { fwhm: "0" });
    expect(() => find(late, { signal: cancelling.signal })).toThrow("cancelled by the user");
    expect(events).toHaveLength(2);
  });
});
