import { type KernelUse, type ModelRuntime, memoryFiles } from "@voxplain/core";
import { recordedFiles, writeRecords, writeTables } from "@voxplain/results";
import { expect, it } from "vitest";

const kernelUses: readonly KernelUse[] = [
  { pass: "gradient", blocks: 1, kernels: { forward: ["winogradOne"], gradient: ["gradientOne"] } },
  { pass: "forward", blocks: 0, reason: "the first layers do not suit kernels" },
];

/** What a job of two files writes of itself, as JSON. */
async function recordsOf(threads: number | undefined) {
  const files = new Map<string, Uint8Array>();
  const recorded = recordedFiles(memoryFiles(files));
  await writeTables(recorded, {
    "predictions.tsv": { columns: ["session_id", "logit"], rows: [{ session_id: "ses-M00", logit: 0.5 }] },
    "data.tsv": { columns: ["session_id"], rows: [{ session_id: "ses-M00" }] },
  });
  const network = { file: "model.onnx", sha256: "0", architecture: "Conv5_FC3", parameters: 3 };
  await writeRecords(recorded, {
    ...{ tool: { name: "voxplain", version: "1.2.3" }, packages: {}, command: ["voxplain", "predict"] },
    ...{ options: { task: "predict" }, threads, seed: null, inputs: [], warnings: [], durations: {} },
    model: { ...network, fold: 0, selection: "best_loss", epoch: null, weights_key: "model" },
    runtime: {
      version: "onnxruntime-node 1.2",
      executionProvider: "cpu",
    } as ModelRuntime,
    kernelUses,
    started: new Date(0),
  });
  const text = (path: string) => new TextDecoder().decode(files.get(path));
  return {
    predictions: text("predictions.tsv"),
    commandline: JSON.parse(text("commandline.json")),
    provenance: JSON.parse(text("provenance.json")),
  };
}

it("a table has its columns in their order", async () => {
  expect((await recordsOf(1)).predictions).toBe("session_id\tlogit\nses-M00\t0.5\n");
});

it("commandline.json has the options and the version of the tool", async () => {
  expect((await recordsOf(1)).commandline).toEqual({ task: "predict", version: "1.2.3" });
});

it("provenance.json has every file that was written before, in the order of their names", async () => {
  const { outputs } = (await recordsOf(1)).provenance;
  expect(outputs.map(({ file }: { file: string }) => file)).toEqual([
    ...["commandline.json", "data.tsv", "predictions.tsv"],
  ]);
  expect(outputs[1]).toMatchObject({ byteLength: 19, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

it("provenance.json names the runtime, and null for threads that it chose by itself", async () => {
  const runtime = { name: "onnxruntime-node", version: "1.2", provider: "cpu", kernels: kernelUses };
  expect((await recordsOf(4)).provenance.runtime).toEqual({ ...runtime, threads: 4 });
  expect((await recordsOf(undefined)).provenance.runtime).toEqual({ ...runtime, threads: null });
});
