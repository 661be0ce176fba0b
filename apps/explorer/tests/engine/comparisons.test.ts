// What a page asks its workers, computed here by the same functions.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Affine, identityAffine, memoryFiles } from "@voxplain/core";
import { startRelabellings } from "@voxplain/group-analysis";
import { encodeNifti } from "@voxplain/writers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { voxplain } from "../../../../packages/cli/tests/run-voxplain.ts";
import { find } from "../../src/findings/find.ts";
import { findDifferences } from "../../src/findings/find-differences.ts";
import { withListedRows } from "../../src/findings/listed-rows.ts";
import type { CompareRequest } from "../../src/findings/protocol.ts";
import { type ThreadReply, type ThreadRequest, threadsFor } from "../../src/findings/web-threads.ts";
import { comparisonOptions, comparisonRequest } from "../../src/page/comparison-options.ts";
import { nodeEngine, onnxPath } from "./open-sample.ts";

const placed: Affine = [
  [2, 0, 0, -10],
  [0, 2, 0, -12],
  [0, 0, 2, -8],
  [0, 0, 0, 1],
];

/** Maps of three images, as the files of a job. */
async function mapsBy(method: string, affine: Affine): Promise<CompareRequest["job"]> {
  const files = memoryFiles(new Map(), "dropped");
  await files.write("volume.onnx", readFileSync(`${onnxPath}/volume.onnx`));
  for (const n of [1, 2, 3]) {
    const data = Float32Array.from({ length: 504 }, (_, k) => (k * n) % 7);
    await files.write(`${n}.nii`, encodeNifti({ data, shape: [8, 9, 7], affine }));
  }
  const engine = nodeEngine();
  await engine.open(files);
  const cohort = engine.explainCohort();
  const wanted = { preprocess: ["none"], method, options: {}, target: 1 };
  for (const image of engine.images) await cohort.explain(image, wanted);
  const explained = await cohort.finish();
  await engine.release();
  if (explained === undefined) throw new Error("nothing was explained");
  return explained.job;
}

/** A comparison of these maps with 0, or with others of the same images, as the page asks for it. */
async function request(
  affine: Affine,
  chosen: { readonly fwhm: string },
  pairs?: CompareRequest["job"],
): Promise<CompareRequest> {
  const job = await mapsBy("input-x-gradient", affine);
  const defaults = Object.entries(comparisonOptions).map(([name, option]) => [name, String(option.default)]);
  const { model, options } = comparisonRequest(
    { ...Object.fromEntries(defaults), ...chosen },
    pairs !== undefined,
  );
  return {
    ...{ kind: "compare", job, groupBy: "session_id", a: "n/a", b: undefined, pairs, model, options },
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
  it("takes as many threads as a page has memory for: fewer for more voxels, and one at least", () => {
    expect([100_000, 1_500_000, 6_292_208].map((voxels) => threadsFor(voxels, 8))).toEqual([8, 3, 1]);
    expect(threadsFor(1_500_000, 2)).toBe(2);
  });

  it("lists the first rows of a table of many, whose file has all", () => {
    const rows = Array.from({ length: 1200 }, (_, cluster) => ({ cluster }));
    const table = { name: "clusters.tsv", columns: ["cluster"], rows, count: 1200, bytes: new Uint8Array(9) };
    expect(withListedRows(table)).toEqual({ ...table, rows: rows.slice(0, 1000) });
  });

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

  it("of pairs, two maps of each session, has the files of voxplain compare --paired", async () => {
    vi.stubGlobal("Worker", inThisThread());
    const wanted = await request(placed, { fwhm: "0" }, await mapsBy("gradients", placed));
    const found = await findDifferences(wanted, () => {});
    expect(found.facts).toMatchObject({ n_a: 3, n_b: 3, exact: true });
    const folder = mkdtempSync(join(tmpdir(), "voxplain-pairs-"));
    for (const [name, { files }] of Object.entries({ job: wanted.job, pairs: wanted.pairs! })) {
      for (const [path, content] of files) {
        mkdirSync(dirname(join(folder, name, path)), { recursive: true });
        writeFileSync(join(folder, name, path), new Uint8Array(await content.arrayBuffer()));
      }
    }
    const sources = ["job", "pairs"].map((name) => `${join(folder, name)}:n/a`);
    const { status, errors } = await voxplain(
      ...["compare", ...sources, "found", "--group_by", "session_id", "--paired", "--output_dir", folder],
      ...["--threads", "1"],
    );
    expect(status, errors).toBe(0);
    const own = (name: string) => readFileSync(join(folder, "found", name));
    // That of participants names the folders.
    for (const { name, bytes } of found.tables.filter(({ name }) => name !== "participants.tsv"))
      expect(new TextDecoder().decode(bytes), name).toBe(own(name).toString());
    expect(found.images.size).toBeGreaterThan(5);
    for (const [name, content] of found.images) {
      const bytes = gunzipSync(new Uint8Array(await content.arrayBuffer()));
      expect(bytes.equals(gunzipSync(own(name))), name).toBe(true);
    }
    rmSync(folder, { recursive: true });
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
