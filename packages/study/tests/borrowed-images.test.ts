// Images and maps of a cohort in the memory of the network: each is right while it is looked at, and their mean is the same.
import { createHash } from "node:crypto";
import { imagePaths } from "@voxplain/caps-io";
import { elementCount, type FileSource, memoryFiles, type Tensor } from "@voxplain/core";
import { gzipInPool } from "@voxplain/core/node";
import { encodeModel } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { explainCohort, groupMaps, networkSlot, openCohort, openModel, plan } from "@voxplain/study";
import { encodeNiftiGz } from "@voxplain/writers";
import { describe, expect, it } from "vitest";
import { blockNetwork } from "../../../tests/block-networks.ts";

/** Large enough, at 4.5 MB, that each goes through the network alone. */
const shape = [104, 104, 104] as const;
const model = blockNetwork({ image: shape, channels: [1, 4, 6], batch: "batch" });
const numbers = [1, 2, 3, 4];

const runtime = nodeRuntime({ executionProvider: "cpu", threads: 2 });
const valuesOf = (seed: number) =>
  Float32Array.from({ length: elementCount(shape) }, (_, k) => Math.sin(k * (1.7 + seed)) + 0.3);
/** Comparing a million numbers one by one takes seconds. */
const bits = (values: Float32Array) =>
  createHash("sha256").update(new Uint8Array(values.slice().buffer)).digest("hex");
const isShared = ({ data }: Tensor) => data.buffer instanceof SharedArrayBuffer;

describe("explainCohort with borrow", () => {
  const write = (folder: ReturnType<typeof memoryFiles>, path: string, text: string) =>
    folder.write(path, new TextEncoder().encode(text));

  async function planned() {
    const folder = memoryFiles(undefined, "model");
    const settings = { mode: "image", network_type: "cnn", model: "Conv5_FC3", preprocessing: "t1-linear" };
    const known = { ...settings, diagnoses: ["AD", "CN"], n_splits: 0, unnormalize: false };
    await write(folder, "commandline.json", JSON.stringify(known));
    const network = "fold-0/models/best_balanced_accuracy";
    const { proto, externalData } = await encodeModel(model);
    await folder.write(`${network}/model_best.onnx`, proto);
    for (const { location, chunks } of externalData) {
      const bytes: Uint8Array[] = [];
      for await (const chunk of chunks()) bytes.push(chunk);
      await folder.write(`${network}/${location}`, new Uint8Array(Buffer.concat(bytes)));
    }
    const caps = memoryFiles(undefined, "caps");
    for (const number of numbers) {
      const { nifti = "" } = imagePaths({ preprocessing: "t1-linear" }, `sub-0${number}`, "ses-M00");
      const affine = [[1, 0, 0, 0] as const, [0, 1, 0, 0] as const, [0, 0, 1, 0] as const] as const;
      const homogeneous = [...affine, [0, 0, 0, 1] as const] as const;
      await caps.write(
        nifti,
        await encodeNiftiGz({ data: valuesOf(number), shape, affine: homogeneous }, gzipInPool),
      );
    }
    const labels = memoryFiles(undefined, "labels");
    const rows = numbers.map((number) => `sub-0${number}\tses-M00\n`).join("");
    await write(labels, "AD.tsv", `participant_id\tsession_id\n${rows}`);
    const cohort = await openCohort({ caps: caps as FileSource, labels, diagnoses: ["AD"] });
    return plan(await openModel(folder), cohort, { method: "gradients", target: 1 });
  }

  it("has each image and its map right while they are looked at, and the same mean", async () => {
    const whole = await planned();
    const slot = networkSlot(runtime);
    const run = async (borrow: boolean) => {
      const group = groupMaps(whole);
      const seen: string[][] = [];
      const inNetwork: boolean[] = [];
      for await (const image of explainCohort(whole, { runtime: slot, borrow })) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        seen.push([
          image.session.name,
          bits(image.map.data),
          bits(image.anatomy),
          String(image.prediction.predictedClass),
        ]);
        const [part] = image.parts;
        inNetwork.push(part !== undefined && isShared(part.part.input));
        group.add(image);
      }
      const { ofInputs } = group.mean();
      const mean = [
        bits(ofInputs?.map.data ?? new Float32Array()),
        bits(ofInputs?.anatomy ?? new Float32Array()),
      ];
      return { seen, inNetwork, mean };
    };
    const own = await run(false);
    const borrowed = await run(true);
    await slot.release();
    expect(new Set(own.seen.map(([, map]) => map)).size).toBe(numbers.length);
    expect([borrowed.seen, borrowed.mean]).toEqual([own.seen, own.mean]);
    expect(own.inNetwork).toEqual(numbers.map(() => false));
    // Every loan was ended when the next image came.
    expect(borrowed.inNetwork).toEqual(numbers.map(() => true));
  });

  it("ends its loans when the caller stops early", async () => {
    const whole = await planned();
    const slot = networkSlot(runtime);
    for (let round = 0; round < 3; round++) {
      const shared: boolean[] = [];
      for await (const { parts } of explainCohort(whole, { runtime: slot, borrow: true })) {
        shared.push(parts.every(({ part }) => isShared(part.input)));
        break;
      }
      expect(shared).toEqual([true]);
    }
    await slot.release();
  });
});
