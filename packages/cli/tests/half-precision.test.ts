import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy, tensor } from "@voxplain/core";
import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { voxplain } from "./run-voxplain.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-half-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** 1, 2, 1024, NaN and ∞ as stored bits. */
const types = {
  float16: { one: 0x3c00, two: 0x4000, large: 0x6400, nan: 0x7e00, infinity: 0x7c00 },
  bfloat16: { one: 0x3f80, two: 0x4000, large: 0x4480, nan: 0x7fc0, infinity: 0x7f80 },
} as const;

type Half = keyof typeof types;

/** Explains an image of 2 × 2 voxels by the logits `weights` · image, in half precision. */
async function explain(dtype: Half, weights: readonly number[], image: readonly number[]) {
  const graph = graphBuilder("half");
  const x = graph.input("x", dtype, ["n", 1, 2, 2]);
  const fc = graph.initializer("fc", tensor(dtype, [4, 2], Uint16Array.from(weights)));
  graph.output(graph.add("MatMul", [graph.add("Flatten", [x]), fc]), dtype, ["n", 2]);
  writeFileSync(join(folder, "half.onnx"), (await encodeModel(modelOf(graph.build()))).proto);
  writeFileSync(join(folder, "image.npy"), encodeNpy(tensor("float32", [1, 2, 2], Float32Array.from(image))));
  const [model, input, output] = ["half.onnx", "image.npy", "out"].map((name) => join(folder, name));
  return voxplain("explain", model!, input!, "--use_cpu", "--output_dir", output!);
}

describe.each(["float16", "bfloat16"] as const)("a network in %s", (dtype) => {
  const { one, two, large, nan, infinity } = types[dtype];
  const rows = (value: number) => Array.from({ length: 4 }, () => [one, value]).flat();

  it("is computed in float32: logits that it would round, or could not hold, are exact", async () => {
    const { status } = await explain(dtype, rows(large), [100, 200, 300, 400]);
    expect(status).toBe(0);
    const [, values] = readFileSync(join(folder, "out/predictions.tsv"), "utf8").trim().split("\n");
    expect(values?.split("\t").slice(3, 5).map(Number)).toEqual([1000, 1024 * 1000]);
  });

  it.each([
    ["NaN", nan, "1 NaN value"],
    ["infinite", infinity, "1 infinite value"],
  ])("is refused by the name of a weight that is %s", async (_, value, what) => {
    const { status, errors } = await explain(dtype, [...rows(two).slice(0, 7), value], [1, 2, 3, 4]);
    expect(status).toBe(1);
    expect(errors).toContain(`the weight "fc" of the network holds ${what}`);
  });
});
