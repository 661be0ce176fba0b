import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tensor } from "@voxplain/core";
import { encodeModel, graphBuilder, modelOf } from "@voxplain/onnx-graph";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { voxplain } from "./run-voxplain.ts";

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/pictures/${name}`, import.meta.url));
/** [C, H, W] as Pillow decodes them. */
const stored: Record<string, number[][][]> = JSON.parse(readFileSync(fixture("pictures.json"), "utf8"));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-pictures-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Two logits: each value times its place, and the sum. */
async function network(channels: number): Promise<string> {
  const size = channels * 30;
  const graph = graphBuilder("sums");
  const image = graph.input("image", "float32", ["batch", channels, 5, 6]);
  const weights = Float32Array.from({ length: 2 * size }, (_, k) => (k % 2 === 0 ? (k + 2) / 2 : 1));
  const flat = graph.add("Flatten", [image]);
  const sums = graph.add("MatMul", [
    flat,
    graph.initializer("weights", tensor("float32", [size, 2], weights)),
  ]);
  graph.output(graph.add("Identity", [sums], {}, { outputs: ["logits"] }), "float32", ["batch", 2]);
  const path = join(folder, `sums-${channels}.onnx`);
  writeFileSync(path, (await encodeModel(modelOf(graph.build()))).proto);
  return path;
}

const sums = (values: number[]) => [
  values.reduce((sum, value, k) => sum + (k + 1) * value, 0),
  values.reduce((sum, value) => sum + value, 0),
];

async function explain(channels: number, picture: string, ...options: string[]) {
  const output = join(folder, "out");
  const argv = [await network(channels), fixture(picture), "--use_cpu", "--output_dir", output];
  const result = await voxplain("explain", ...argv, ...options);
  const logits =
    result.status === 0
      ? readFileSync(join(output, "predictions.tsv"), "utf8")
          .split("\n")[1]!
          .split("\t")
          .slice(3, 5)
          .map(Number)
      : [];
  return { ...result, logits };
}

/** Sums of up to 120 products in float32. */
function expectSums(found: readonly number[], values: number[]): void {
  for (const [k, sum] of sums(values).entries()) expect(found[k]! / sum).toBeCloseTo(1, 5);
}

describe("voxplain explain gives the network the stored values of", () => {
  it.each([
    [3, "rgb.png"],
    [3, "gamma.png"],
    [3, "profile.png"],
    [3, "profile.jpg"],
    [4, "opacity.png"],
    [1, "grey.png"],
    [1, "sixteen.png"],
  ])("%i channels: %s", async (channels, picture) => {
    const { status, logits, errors } = await explain(channels, picture);
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    expectSums(logits, stored[picture]!.flat(2));
  });

  it("colours without their opacity, of which it warns where they are not opaque", async () => {
    const { status, logits, errors } = await explain(3, "opacity.png");
    expect(status).toBe(0);
    expectSums(logits, stored["rgb.png"]!.flat(2));
    expect(errors).toMatch(
      /24 of 30 pixels of .*opacity\.png are not fully opaque: .* gets their stored colours/,
    );
  });
});

describe("voxplain explain changes the number of channels only where it is asked to:", () => {
  it("a grey picture is repeated by rgb", async () => {
    const refused = await explain(3, "sixteen.png", "--preprocess", "mean=1,2,3");
    expect(refused.status).toBe(1);
    expect(refused.errors).toMatch(
      /sixteen\.png: .* expected 3 channels, found one channel; the preprocessing step rgb repeats/,
    );
    const { logits } = await explain(3, "sixteen.png", "--preprocess", "rgb");
    expectSums(logits, Array(3).fill(stored["sixteen.png"]!.flat(2)).flat());
  });

  it("colours are made grey by grey, as Pillow does", async () => {
    const refused = await explain(1, "rgb.png");
    expect(refused.status).toBe(1);
    expect(refused.errors).toMatch(
      /rgb\.png: .* expected one channel, found 3 channels; the preprocessing step grey makes/,
    );
    const { logits } = await explain(1, "rgb.png", "--preprocess", "grey");
    expectSums(logits, stored["rgb.png as L"]!.flat(2));
  });

  it("steps count in their order, and change nothing that fits already", async () => {
    const { logits } = await explain(3, "grey.png", "--preprocess", "grey", "scale=0.5", "rgb", "mean=1,2,3");
    const grey = stored["grey.png"]!.flat(2);
    expectSums(
      logits,
      [1, 2, 3].flatMap((mean) => grey.map((value) => value / 2 - mean)),
    );
  });

  it("no other number is made", async () => {
    const { status, errors } = await explain(2, "rgb.png");
    expect(status).toBe(1);
    expect(errors).toMatch(/rgb\.png: .* expected 2 channels, found 3 channels\n/);
    const opaque = await explain(4, "rgb.png");
    expect(opaque.errors).toMatch(/rgb\.png: .* expected 4 channels, found 3 channels\n/);
  });
});
