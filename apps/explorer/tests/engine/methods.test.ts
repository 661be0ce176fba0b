import { readFileSync } from "node:fs";
import { readNifti } from "@voxplain/caps-io";
import { encodeNpy, identityAffine, memoryFiles, readFile } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { encodeNifti } from "@voxplain/writers";
import { beforeAll, describe, expect, it } from "vitest";
import type { ExplorerEngine } from "../../src/engine/engine.ts";
import { pageMethods } from "../../src/engine/page-methods.ts";
import { openAtlas } from "../../src/viewer/atlas.ts";
import { nodeEngine, onnxPath, sampleEngine, samplePath } from "./open-sample.ts";

/** Three small volumes and their network. */
async function volumes(): Promise<ExplorerEngine> {
  const files = memoryFiles(new Map(), "dropped");
  await files.write("volume.onnx", await readFile(directory(onnxPath), "volume.onnx"));
  for (const name of ["a", "b", "c"]) {
    const data = Float32Array.from({ length: 504 }, (_, k) => Math.sin(k * name.charCodeAt(0)));
    await files.write(`${name}.npy`, encodeNpy({ dtype: "float32", dims: [8, 9, 7], data }));
  }
  const engine = nodeEngine();
  await engine.open(files);
  return engine;
}

const isPass = (step: string) => step.startsWith("pass ") || step === "computing";
const totalOf = (step: string) => step.split(" of ")[1];

let engine: ExplorerEngine;
beforeAll(async () => {
  engine = await volumes();
});

describe("methods in a page", () => {
  it("have options that a person can write", () => {
    const kinds = Object.values(pageMethods(true)).flatMap(({ options }) =>
      Object.values(options).map(({ kind }) => kind),
    );
    expect(new Set(kinds)).toEqual(
      new Set(["method", "number", "integer", "boolean", "layer", "choice", "numbers"]),
    );
  });

  it.each(Object.keys(pageMethods(false)))(
    "%s explains an image; its progress counts every pass",
    async (method) => {
      // So that it takes no time: few samples, and regions of four voxels, of which there are twelve.
      const few: Record<string, string> = { samples: "24", steps: "4", window: "4", cell: "4" };
      const options = Object.fromEntries(
        Object.keys(engine.methods[method]!.options).flatMap((name) =>
          few[name] ? [[name, few[name]]] : [],
        ),
      );
      const explained = async () => {
        const steps: string[] = [];
        const onProgress = ({ step }: { step: string }) => steps.push(step);
        const request = { network: undefined, method, options, target: 1 };
        const { map } = await engine.explain(engine.images[0]!, request, { onProgress });
        expect(map.data.some((value) => value !== 0)).toBe(true);
        expect(map.data.every(Number.isFinite)).toBe(true);
        return steps;
      };
      const first = await explained();
      const passes = first.filter((step) => step.startsWith("pass ")).at(-1);
      if (passes === undefined) expect(first.filter(isPass)).toEqual(["computing"]);
      else expect(passes).toMatch(/^pass (\d+) of \1$/);
      // The same once more: nothing is opened again, and the method has kept its sessions.
      const second = await explained();
      expect(second).not.toContain("opening the network");
      // What was expected of the first was right: the second has counted it.
      expect(first.filter(isPass).map(totalOf)).toEqual(second.filter(isPass).map(totalOf));
    },
  );

  it("say how many passes a tolerance took, and in a warning that it was not reached", async () => {
    const explained = (options: Record<string, string>) => {
      const request = { network: undefined, method: "integrated-gradients", options, target: 1 };
      return engine.explain(engine.images[0]!, request);
    };
    const reached = await explained({ tolerance: "0.05", maxPasses: "2000" });
    expect(reached.refinement).toMatchObject({ converged: true });
    expect(Math.abs(reached.relativeDelta!)).toBeLessThan(0.05);
    expect(reached.warnings.join()).not.toContain("tolerance");
    const missed = await explained({ steps: "3", tolerance: "1e-9", maxPasses: "8" });
    expect(missed.refinement).toEqual({ passes: 8, converged: false });
    expect(missed.warnings).toContain(
      "1 of 1 map did not reach the tolerance within 8 passes: allow more max_passes, or a larger tolerance",
    );
    expect((await explained({ steps: "3" })).refinement).toBeUndefined();
  });

  it("say which options there are when one is unknown, and what is no number", async () => {
    const request = { network: undefined, method: "integrated-gradients", target: 0 };
    const explain = (options: Record<string, string>) =>
      engine.explain(engine.images[0]!, { ...request, options });
    await expect(explain({ step: "3" })).rejects.toThrow(/no option "step": expected one of steps/);
    await expect(explain({ steps: "many" })).rejects.toThrow(/"many" is not a value of "steps"/);
    expect((await explain({ steps: "" })).map.shape).toEqual([8, 9, 7]);
    const nested = { ...request, method: "smoothgrad", options: { innerMethod: "vargrad" } };
    await expect(engine.explain(engine.images[0]!, nested)).rejects.toThrow(
      '"vargrad" is not a value of "inner_method" of smoothgrad: it takes an inner_method itself',
    );
    await expect(
      engine.explain(engine.images[0]!, { ...request, method: "magic", options: {} }),
    ).rejects.toThrow(/no method "magic"/);
  });

  it("say which classes there are when the target is none", async () => {
    const request = { network: undefined, method: "gradients", options: {}, target: 9 };
    await expect(engine.explain(engine.images[0]!, request)).rejects.toThrow(/expected a class from 0 to 2/);
  });

  it("are averaged over images", async () => {
    const request = { method: "gradients", options: {}, target: 1 };
    const [first, second] = engine.images;
    const [a, b] = [await engine.explain(first!, request), await engine.explain(second!, request)];
    const sum = await engine.mean([first!, second!], request);
    expect(() => sum.mean()).toThrow(/no map to average/);
    for (const image of [first!, second!]) await sum.add(image);
    const mean = sum.mean();
    expect([sum.count, mean.image.name]).toEqual([2, "mean of 2 images"]);
    for (const k of [0, 100, 503]) {
      expect(mean.map.data[k]).toBe(Math.fround((a.map.data[k]! + b.map.data[k]!) / 2));
    }
    expect(mean.prediction.probabilities[1]).toBeCloseTo(
      (a.prediction.probabilities[1]! + b.prediction.probabilities[1]!) / 2,
      12,
    );
    expect([Math.min(...mean.anatomy.data), Math.max(...mean.anatomy.data)]).toEqual([0, 1]);
  });
});

describe("an open atlas", () => {
  it("gives region-occlusion its regions: one value in each, none in the background", async () => {
    const sample = await sampleEngine();
    expect(sample.methods["region-occlusion"]!.options).not.toHaveProperty("labels");
    const bytes = readFileSync(`${samplePath}/template/aal_2mm.nii.gz`);
    const { affine = identityAffine, ...labels } = await readNifti(bytes, "aal_2mm.nii.gz");
    // Three regions alone, for the time.
    const data = labels.data.map((label) => (label <= 3 ? label : 0));
    const files = memoryFiles(new Map([["atlas.nii", encodeNifti({ ...labels, affine, data })]]));
    await sample.setAtlas(await openAtlas({ source: files, below: "atlas.nii" }, undefined));
    expect(sample.methods["region-occlusion"]!.options.labels?.choices).toEqual(["atlas", "grid"]);
    const request = { network: undefined, method: "region-occlusion", options: {}, target: 1 };
    const { map } = await sample.explain(sample.images[0]!, request);
    const values = [0, 1, 2, 3].map((label) => new Set(map.data.filter((_, k) => data[k] === label)));
    expect(values[0]).toEqual(new Set([0]));
    expect(values.map(({ size }) => size)).toEqual([1, 1, 1, 1]);
    await sample.setAtlas(undefined);
    expect(sample.methods["region-occlusion"]!.options).not.toHaveProperty("labels");
    await sample.release();
  });
});
